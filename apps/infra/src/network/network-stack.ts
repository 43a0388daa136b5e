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
 * A VPC without a way to the internet. Functions in it reach S3 and DynamoDB by gateway endpoints, which are free;
 * SQS and X-Ray cost an interface endpoint each, which is there only if a function sends or receives messages itself
 * (Lambda polls a function's queue from outside), or sends traces.
 */
export function network(context: Context, settings: NetworkSettings): void {
  const made = vpc(context, settings);
  const { a, b, routes } = subnets(context, made, settings);
  flowLog(context, made);
  const group = functionSecurityGroup(context, made, settings);
  gatewayEndpoints(context, made, routes);
  interfaceEndpoints(context, made, [a, b], group);

  leaveWord(context, 'subnet-a', a);
  leaveWord(context, 'subnet-b', b);
  leaveWord(context, 'security-group', group);
}

/** Ids are chosen by AWS; functions look them up under names of ours. */
function leaveWord(
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
