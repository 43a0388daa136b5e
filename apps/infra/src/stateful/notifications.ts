import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import type { CfnBucketProps } from 'aws-cdk-lib/aws-s3';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import { arn, type BucketName, queueName } from '../conventions/names.ts';
import { eventBridgeRules } from './event-bridge-rules.ts';
import { fanOut, topicArn } from './fan-out.ts';
import { queuePolicies } from './queue-policies.ts';
import { queues } from './queues.ts';
import { readyQueuePairs, readyRoutes } from './ready-queue.ts';
import { type EventBridgeListener, eventBridgeListeners, hasTopic, type Route, routesOf } from './routes.ts';

/** The destinations of notifications, and the policies that must exist before a bucket is configured. */
export interface Notifications {
  environment: string;
  routes: readonly Route[];
  eventBridge: readonly EventBridgeListener[];
  /** S3 sends a test notification when it is configured, and rejects a destination that does not accept it. */
  policies: readonly IDependable[];
}

/**
 * Creates queues, dead-letter queues and their policies; topics where listeners share keys of a bucket or want one; and rules
 * for functions that EventBridge notifies.
 */
export function notifications(context: Context): Notifications {
  const routes = routesOf(context.functions, readyRoutes(context.environment));
  const eventBridge = eventBridgeListeners(context.functions);
  const pairs = [...queues(context), ...readyQueuePairs(context)];
  const policies = queuePolicies(context, pairs, routes, eventBridge);
  const topics = routes.filter(hasTopic).flatMap((route) => fanOut(context, route, pairs));
  const rules = eventBridgeRules(context, eventBridge, pairs);
  const environment = context.environment.name;
  return { environment, routes, eventBridge, policies: [...policies, ...topics, ...rules] };
}

/** A bucket's own notification configuration. CDK's addEventNotification would add a helper function with permissions on `*`. */
export function bucketNotifications(
  { environment, routes, eventBridge }: Notifications,
  bucket: BucketName,
): Pick<CfnBucketProps, 'notificationConfiguration'> {
  const own = routes.filter((route) => route.bucket === bucket);
  const topicConfigurations = own.filter(hasTopic).map((route) => ({
    event: 's3:ObjectCreated:*',
    topic: topicArn(environment, route),
    ...keyFilter(route),
  }));
  const queueConfigurations = own
    .filter((route) => !hasTopic(route))
    .flatMap((route) =>
      route.listeners.map(({ name }) => ({
        event: 's3:ObjectCreated:*',
        queue: arn('sqs', queueName(environment, name)),
        ...keyFilter(route),
      })),
    );
  const usesEventBridge = eventBridge.some((listener) => listener.bucket === bucket);
  if (own.length === 0 && !usesEventBridge) return {};
  return {
    notificationConfiguration: {
      ...(queueConfigurations.length > 0 && { queueConfigurations }),
      ...(topicConfigurations.length > 0 && { topicConfigurations }),
      ...(usesEventBridge && { eventBridgeConfiguration: { eventBridgeEnabled: true } }),
    },
  };
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
