import { Fn } from 'aws-cdk-lib';
import {
  type CfnRouteTable,
  type CfnSecurityGroup,
  type CfnSubnet,
  type CfnVPC,
  CfnVPCEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { constructId } from '../conventions/names.ts';
import type { Context } from '../app/component.ts';
import type { DeployedFunction } from '../app/functions.ts';
import { tagResource } from '../conventions/tags.ts';
import { endpointSecurityGroup } from './security-group.ts';

/** Whether a function itself calls SQS; the event source mapping polls from outside the VPC. */
function needsQueues({ manifest }: DeployedFunction): boolean {
  return manifest.access.some(({ resource }) => resource === 'queue' || resource === 'dead-letters');
}

/** Gateway endpoints for S3 and DynamoDB, which are free. */
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

/** Interface endpoints for other services, which cost money per hour and zone. */
export function interfaceEndpoints(
  context: Context,
  vpc: CfnVPC,
  subnets: readonly CfnSubnet[],
  functions: CfnSecurityGroup,
): void {
  const services = [
    ...(context.functions.some(needsQueues) ? (['sqs'] as const) : []),
    ...(context.environment.tracing ? (['xray'] as const) : []),
  ];
  if (services.length === 0) return;
  const { attrGroupId } = endpointSecurityGroup(context, vpc, functions);
  for (const service of services) {
    const endpoint = new CfnVPCEndpoint(context.scope, constructId(`${service}-endpoint`), {
      vpcEndpointType: 'Interface',
      serviceName: serviceName(service),
      vpcId: vpc.ref,
      subnetIds: subnets.map((subnet) => subnet.ref),
      securityGroupIds: [attrGroupId],
      privateDnsEnabled: true,
    });
    tagResource(endpoint, `network.${service}-endpoint`);
  }
}

function serviceName(service: string): string {
  return Fn.sub(`com.amazonaws.\${AWS::Region}.${service}`);
}
