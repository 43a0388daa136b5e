import { interpretAlarms, interpretMetricFilters } from '../alarms/interpret.ts';
import { isAccepted } from './accepted-types.ts';
import { AssemblyError, type Stack } from './cloud-assembly.ts';
import type { Place } from './identity.ts';
import {
  interpretFunctions,
  interpretFunctionUrls,
  interpretMappings,
  interpretPermissions,
} from './interpret-functions.ts';
import { interpretQueues, interpretTopics } from './interpret-messaging.ts';
import { interpretRoles } from './interpret-roles.ts';
import { interpretBuckets, interpretTables } from './interpret-storage.ts';
import { interpretEventRules, interpretRules, interpretTriggers } from './interpret-triggers.ts';
import type { CloudModel } from './model.ts';
import { describeStack, resourcesOf, type Resource } from './scope.ts';

/** Types interpreted by the functions below. */
const interpreted: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::Logs::MetricFilter',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
]);

function refuseUnknown({ stack, logicalId, type }: Resource): void {
  if (interpreted.has(type) || isAccepted(type)) return;
  throw new AssemblyError(
    `stack ${stack.name}, ${logicalId}: the type ${type} is not supported by the local cloud`,
  );
}

/**
 * Combines all stacks into one model.
 *
 * @throws AssemblyError that names an unsupported type, property or intrinsic function
 * @throws PolicyError if a policy cannot be evaluated
 */
export function interpret(stacks: readonly Stack[], place: Place): CloudModel {
  const resources = stacks.flatMap((stack) => resourcesOf(stack, place));
  resources.forEach(refuseUnknown);
  return {
    buckets: interpretBuckets(resources),
    queues: interpretQueues(resources, place),
    tables: interpretTables(resources, place),
    topics: interpretTopics(resources, place),
    functions: interpretFunctions(resources, place),
    mappings: interpretMappings(resources, place),
    triggers: interpretTriggers(resources, place),
    eventRules: interpretEventRules(resources, place),
    rules: interpretRules(resources, place),
    functionUrls: interpretFunctionUrls(resources, place),
    permissions: interpretPermissions(resources, place),
    roles: interpretRoles(resources),
    alarms: interpretAlarms(resources, place),
    metricFilters: interpretMetricFilters(resources),
    stacks: stacks.map((stack) => describeStack(stack, place)),
    accepted: resources
      .filter(({ type }) => !interpreted.has(type))
      .map(({ stack, logicalId, type }) => ({ stack: stack.name, logicalId, type })),
  };
}
