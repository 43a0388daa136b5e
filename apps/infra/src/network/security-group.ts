import { CfnSecurityGroup, CfnSecurityGroupEgress, type CfnVPC } from 'aws-cdk-lib/aws-ec2';
import type { Context } from '../app/component.ts';
import type { NetworkSettings } from '../environments/environment.ts';
import { tagResource } from '../conventions/tags.ts';

/** Allows functions outbound TLS to S3 and DynamoDB, and nothing inbound. */
export function functionSecurityGroup({ scope }: Context, vpc: CfnVPC, { prefixLists }: NetworkSettings) {
  const group = new CfnSecurityGroup(scope, 'FunctionSecurityGroup', {
    groupDescription: 'Functions: TLS to S3 and DynamoDB, nothing else',
    vpcId: vpc.ref,
    securityGroupEgress: Object.entries(prefixLists).map(([service, destinationPrefixListId]) => ({
      description: `TLS to ${service}`,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      destinationPrefixListId,
    })),
  });
  return tagResource(group, 'network.security-group');
}

/** The security group of the interface endpoints, which allows TLS from functions; also allows functions to reach it. */
export function endpointSecurityGroup({ scope }: Context, vpc: CfnVPC, functions: CfnSecurityGroup) {
  const group = new CfnSecurityGroup(scope, 'EndpointSecurityGroup', {
    groupDescription: 'Interface endpoint: TLS from functions',
    vpcId: vpc.ref,
    securityGroupIngress: [
      {
        description: 'TLS from functions',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        sourceSecurityGroupId: functions.attrGroupId,
      },
    ],
    // Without an egress rule CloudFormation would allow all outbound traffic.
    securityGroupEgress: [
      { description: 'Nothing', ipProtocol: 'icmp', fromPort: 252, toPort: 86, cidrIp: '255.255.255.255/32' },
    ],
  });
  new CfnSecurityGroupEgress(scope, 'FunctionsToEndpoint', {
    description: 'TLS to the interface endpoint',
    groupId: functions.attrGroupId,
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    destinationSecurityGroupId: group.attrGroupId,
  });
  return tagResource(group, 'network.endpoint-security-group');
}
