import type * as v from 'valibot';
import { readPolicy, type Statement } from '../iam/policy.ts';
import { AssemblyError } from './cloud-assembly.ts';
import { queueArn, queueUrl, topicArn, type Place } from './identity.ts';
import type { QueueModel, SubscriptionModel, TopicModel } from './model.ts';
import type { Resource } from './scope.ts';
import { queue, queuePolicy, subscription, topic, topicPolicy } from './schemas/messaging.ts';
import { ofType, readPattern } from './typed.ts';

const queueAttributes = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'DelaySeconds',
  'MaximumMessageSize',
] as const;

export function interpretQueues(resources: readonly Resource[], place: Place): QueueModel[] {
  const policies = new Map<string, { statements: Statement[]; text: string }>();
  for (const { properties, where } of ofType(resources, 'AWS::SQS::QueuePolicy', queuePolicy)) {
    const { PolicyDocument } = properties;
    const policy = { statements: readPolicy(PolicyDocument, where), text: JSON.stringify(PolicyDocument) };
    for (const url of properties.Queues) policies.set(url, policy);
  }
  return ofType(resources, 'AWS::SQS::Queue', queue).map(
    ({ resource: { physicalName: name }, properties, where }) => {
      if (name.endsWith('.fifo'))
        throw new AssemblyError(`${where}: FIFO queues are not supported by the local cloud`);
      const url = queueUrl(name, place);
      const attributes: Record<string, string> = {};
      for (const attribute of queueAttributes) {
        const value = properties[attribute];
        if (value !== undefined) attributes[attribute] = String(value);
      }
      if (properties.RedrivePolicy) attributes['RedrivePolicy'] = JSON.stringify(properties.RedrivePolicy);
      const policy = policies.get(url);
      if (policy) attributes['Policy'] = policy.text;
      return {
        name,
        arn: queueArn(name, place),
        url,
        attributes,
        deadLetterArn: properties.RedrivePolicy?.deadLetterTargetArn,
        policy: policy?.statements ?? [],
      };
    },
  );
}

/** Subscriptions to anything but queues (e-mail, functions) are ignored. */
export function interpretTopics(resources: readonly Resource[], place: Place): TopicModel[] {
  const policies = new Map<string, Statement[]>();
  for (const { properties, where } of ofType(resources, 'AWS::SNS::TopicPolicy', topicPolicy)) {
    for (const arn of properties.Topics) policies.set(arn, readPolicy(properties.PolicyDocument, where));
  }
  const subscriptions = ofType(resources, 'AWS::SNS::Subscription', subscription).flatMap(
    ({ properties, where }) => {
      const { TopicArn, Protocol, Endpoint, RawMessageDelivery, RedrivePolicy } = properties;
      if (Protocol !== 'sqs' || Endpoint === undefined) return [];
      const subscribed: SubscriptionModel = {
        queueArn: Endpoint,
        raw: RawMessageDelivery,
        filter: filterOf(properties, where),
        deadLetterArn: RedrivePolicy?.deadLetterTargetArn,
      };
      return [{ TopicArn, subscribed }];
    },
  );
  return ofType(resources, 'AWS::SNS::Topic', topic).map(({ resource: { physicalName: name } }) => {
    const arn = topicArn(name, place);
    return {
      name,
      arn,
      policy: policies.get(arn) ?? [],
      queueSubscriptions: subscriptions
        .filter(({ TopicArn }) => TopicArn === arn)
        .map(({ subscribed }) => subscribed),
    };
  });
}

/** @throws AssemblyError that names the unsupported part of the filter */
function filterOf(
  { FilterPolicy, FilterPolicyScope: scope }: v.InferOutput<typeof subscription>,
  where: string,
): SubscriptionModel['filter'] {
  return FilterPolicy && { scope, pattern: readPattern(FilterPolicy, `${where}: FilterPolicy`) };
}
