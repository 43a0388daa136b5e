import { Fn } from 'aws-cdk-lib';
import {
  type CfnRouteTable,
  type CfnSecurityGroup,
  type CfnSubnet,
  type CfnVPC,
  CfnVPCEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import type { Context } from '../context.ts';
import type { DeployedFunction } from '../functions.ts';
import { tagResource } from '../tags.ts';
import { endpointSecurityGroup } from './security-group.ts';

/** Whether a function sends to or receives from a queue itself. */
export function needsQueues({ manifest }: DeployedFunction): boolean {
  return manifest.access.some(({ resource }) => resource === 'queue' || resource === 'dead-letters');
}

/** Free ways to S3 and DynamoDB. */
export function gatewayEndpoints({ scope }: Context, vpc: CfnVPC, routes: CfnRouteTable): void {
  for (const service of ['s3', 'dynamodb']) {
    const endpoint = new CfnVPCEndpoint(scope, `${service === 's3' ? 'S3' : 'DynamoDb'}Endpoint`, {
      vpcEndpointType: 'Gateway',
      serviceName: serviceName(service),
      vpcId: vpc.ref,
      routeTableIds: [routes.ref],
    });
    tagResource(endpoint, `network.${service}-endpoint`);
  }
}

/** A way to SQS, paid by the hour and zone. */
export function queueEndpoint(
  context: Context,
  vpc: CfnVPC,
  subnets: readonly CfnSubnet[],
  functions: CfnSecurityGroup,
): void {
  const endpoint = new CfnVPCEndpoint(context.scope, 'SqsEndpoint', {
    vpcEndpointType: 'Interface',
    serviceName: serviceName('sqs'),
    vpcId: vpc.ref,
    subnetIds: subnets.map((subnet) => subnet.ref),
    securityGroupIds: [endpointSecurityGroup(context, vpc, functions).attrGroupId],
    privateDnsEnabled: true,
  });
  tagResource(endpoint, 'network.sqs-endpoint');
}

function serviceName(service: string): string {
  return Fn.sub(`com.amazonaws.\${AWS::Region}.${service}`);
}
