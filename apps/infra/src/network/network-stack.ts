import type { CfnSubnet } from 'aws-cdk-lib/aws-ec2';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { constructId, networkParameter } from '../conventions/names.ts';
import type { Context } from '../app/component.ts';
import type { NetworkSettings } from '../environments/environment.ts';
import { tagResource } from '../conventions/tags.ts';
import { gatewayEndpoints, interfaceEndpoints } from './endpoints.ts';
import { flowLog } from './flow-log.ts';
import { functionSecurityGroup } from './security-group.ts';
import { subnets, vpc } from './vpc.ts';

/**
 * A VPC without an internet route. Functions reach S3 and DynamoDB through free gateway endpoints. SQS and X-Ray need a paid
 * interface endpoint each, created only if a function calls SQS itself (Lambda polls queues from outside) or sends traces.
 */
export function network(context: Context, settings: NetworkSettings): void {
  const made = vpc(context, settings);
  const { a, b, routes } = subnets(context, made, settings);
  flowLog(context, made);
  const group = functionSecurityGroup(context, made, settings);
  gatewayEndpoints(context, made, routes);
  interfaceEndpoints(context, made, [a, b], group);

  storeId(context, 'subnet-a', a);
  storeId(context, 'subnet-b', b);
  storeId(context, 'security-group', group);
}

/** Stores an id that AWS assigned in an SSM parameter with a name of ours, where the application stacks find it. */
function storeId(
  { scope, environment }: Context,
  id: string,
  made: CfnSubnet | { attrGroupId: string },
): void {
  const parameter = new CfnParameter(scope, constructId(`${id}-parameter`), {
    name: networkParameter(environment.name, id),
    type: 'String',
    value: 'attrGroupId' in made ? made.attrGroupId : made.attrSubnetId,
  });
  tagResource(parameter, `network.${id}`);
}
