import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import type { CfnBucketProps } from 'aws-cdk-lib/aws-s3';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import { arn, type BucketName, queueName } from '../conventions/names.ts';
import { fanOut, topicArn } from './fan-out.ts';
import { queuePolicies } from './queue-policies.ts';
import { queues } from './queues.ts';
import { readyQueue, readyRoutes } from './ready-queue.ts';
import { type Route, routesOf } from './routes.ts';

/** The destinations of notifications, and the policies that must exist before a bucket is configured. */
export interface Notifications {
  environment: string;
  routes: readonly Route[];
  /** S3 sends a test notification when it is configured, and rejects a destination that does not accept it. */
  policies: readonly IDependable[];
}

/** Creates queues, dead-letter queues and their policies, and topics where listeners share keys of a bucket. */
export function notifications(context: Context): Notifications {
  const ready = readyQueue(context);
  const routes = routesOf(context.functions, readyRoutes(context.environment));
  const pairs = [...queues(context), ...(ready === undefined ? [] : [ready])];
  const policies = queuePolicies(context, pairs, routes);
  const topics = routes.filter(isShared).flatMap((route) => fanOut(context, route, pairs));
  return { environment: context.environment.name, routes, policies: [...policies, ...topics] };
}

/** A bucket's own notification configuration. CDK's addEventNotification would add a helper function with permissions on `*`. */
export function bucketNotifications(
  { environment, routes }: Notifications,
  bucket: BucketName,
): Pick<CfnBucketProps, 'notificationConfiguration'> {
  const own = routes.filter((route) => route.bucket === bucket);
  const topicConfigurations = own.filter(isShared).map((route) => ({
    event: 's3:ObjectCreated:*',
    topic: topicArn(environment, route),
    ...keyFilter(route),
  }));
  const queueConfigurations = own
    .filter((route) => !isShared(route))
    .flatMap((route) =>
      route.listeners.map(({ name }) => ({
        event: 's3:ObjectCreated:*',
        queue: arn('sqs', queueName(environment, name)),
        ...keyFilter(route),
      })),
    );
  if (own.length === 0) return {};
  return {
    notificationConfiguration: {
      ...(queueConfigurations.length > 0 && { queueConfigurations }),
      ...(topicConfigurations.length > 0 && { topicConfigurations }),
    },
  };
}

function isShared({ listeners }: Route): boolean {
  return listeners.length > 1;
}

function keyFilter({ prefix, suffix }: Route) {
  const rules = [
    { name: 'prefix', value: prefix },
    { name: 'suffix', value: suffix },
  ]
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({ name, value: encodeKey(value) }));
  return rules.length === 0 ? {} : { filter: { s3Key: { rules } } };
}
