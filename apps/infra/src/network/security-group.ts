import { CfnSecurityGroup, CfnSecurityGroupEgress, type CfnVPC } from 'aws-cdk-lib/aws-ec2';
import type { Context } from '../app/component.ts';
import type { NetworkSettings } from '../environments/environment.ts';
import { tagResource } from '../conventions/tags.ts';

/** Functions may open TLS connections to S3 and DynamoDB, and nothing may open one to them. */
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

/** Lets functions open TLS connections to an interface endpoint, whose own group this makes. */
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
    // Without a rule of its own, a group lets everything out.
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
