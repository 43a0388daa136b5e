import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import type { Context } from '../app/component.ts';
import { account, arn, bucketArn, constructId, physicalName } from '../conventions/names.ts';
import { policyDocument, tlsOnly } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';
import type { QueuePair } from './queues.ts';
import { type Narrowing, narrowing, type Route } from './routes.ts';

/** The name of a route's topic, from its bucket and filter. */
export function topicId({ bucket, prefix, suffix }: Route): string {
  const words = [bucket, prefix, suffix].join('-').split(/[^A-Za-z0-9]+/);
  return `${words.filter((word) => word !== '').join('-')}-fan-out`;
}

/** The ARN of a route's topic. */
export function topicArn(environment: string, route: Route): string {
  return arn('sns', physicalName(environment, topicId(route)));
}

/**
 * A topic between a bucket and queues. Delivery is raw, so that queues receive notifications as if S3 had sent them, except for
 * functions that are notified by SNS: they receive its envelope, which names topic and message, and their dead-letter queue receives
 * what SNS could not deliver.
 *
 * The topic is not encrypted with a KMS key: S3 can publish only with a customer managed key, which costs money, and notifications
 * contain only names and are stored only until they are delivered.
 */
export function fanOut({ scope, environment }: Context, route: Route, pairs: readonly QueuePair[]) {
  const id = constructId(topicId(route));
  const topic = new CfnTopic(scope, id, { topicName: physicalName(environment.name, topicId(route)) });
  tagResource(topic, topicId(route));
  const policy = new CfnTopicPolicy(scope, `${id}Policy`, {
    topics: [topic.ref],
    policyDocument: policyDocument([
      tlsOnly('sns:Publish', [topic.ref]),
      new PolicyStatement({
        sid: 'BucketNotifies',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.ref],
        conditions: {
          ArnEquals: { 'aws:SourceArn': bucketArn(environment.name, route.bucket) },
          StringEquals: { 'aws:SourceAccount': account },
        },
      }),
    ]),
  });
  const subscriptions = route.listeners.flatMap((listener) => {
    const pair = pairs.find(({ of }) => of === listener.name);
    const ofSameQueue = route.listeners.filter(({ name }) => name === listener.name);
    // SNS accepts one subscription per queue, whose filter then has a condition for each listener.
    if (pair === undefined || ofSameQueue[0] !== listener) return [];
    return new CfnSubscription(scope, `${id}To${constructId(listener.name)}`, {
      topicArn: topic.ref,
      protocol: 'sqs',
      endpoint: pair.source.attrArn,
      ...(listener.bySns
        ? { rawMessageDelivery: false, redrivePolicy: { deadLetterTargetArn: pair.deadLetters.attrArn } }
        : { rawMessageDelivery: true }),
      ...filterPolicy(ofSameQueue.map((each) => narrowing(route, each))),
    });
  });
  return [policy, ...subscriptions];
}

/** The filter applies to the body of S3's notification, in which keys are form-encoded. One matching condition is enough. */
function filterPolicy(narrowings: readonly Narrowing[]) {
  const key = narrowings.flatMap((narrow) => {
    if (narrow === undefined) return [];
    return 'prefix' in narrow ? { prefix: encodeKey(narrow.prefix) } : { suffix: encodeKey(narrow.suffix) };
  });
  // A listener to all keys of the route needs no filter.
  if (key.length < narrowings.length) return {};
  return { filterPolicyScope: 'MessageBody', filterPolicy: { Records: { s3: { object: { key } } } } };
}
