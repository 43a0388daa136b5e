import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { Context } from '../app/component.ts';
import { account, bucketArn, constructId } from '../conventions/names.ts';
import { policyDocument, tlsOnly } from '../conventions/policies.ts';
import { ruleArn } from './event-bridge-rules.ts';
import { topicArn, topicId } from './fan-out.ts';
import type { QueuePair } from './queues.ts';
import { type EventBridgeListener, hasTopic, type Route, routesTo } from './routes.ts';

/**
 * Policies that require TLS for every queue, and allow the sender of each function's notifications to send them: S3, a topic
 * or a rule. Topics and rules may also send what they could not deliver to the dead-letter queue.
 */
export function queuePolicies(
  { scope, environment }: Context,
  pairs: readonly QueuePair[],
  routes: readonly Route[],
  eventBridge: readonly EventBridgeListener[],
): CfnQueuePolicy[] {
  const policy = (id: string, queue: CfnQueue, senders: PolicyStatement[]) =>
    new CfnQueuePolicy(scope, `${constructId(id)}Policy`, {
      queues: [queue.ref],
      policyDocument: policyDocument([tlsOnly('sqs:*', [queue.attrArn]), ...senders]),
    });
  return pairs.flatMap(({ of, source, deadLetters }) => {
    const own = routesTo(routes, of);
    const rules = eventBridge.filter(({ name }) => name === of);
    const wrapped = own.filter(({ listeners }) => listeners.some(({ name, bySns }) => name === of && bySns));
    return [
      policy(`${of}-dead-letters`, deadLetters, [
        ...wrapped.map((route) => topicSends(environment.name, route, deadLetters.attrArn)),
        ...rules.map((rule) => ruleSends(environment.name, rule, deadLetters.attrArn)),
      ]),
      policy(`${of}-queue`, source, [
        ...distinct(
          own.map((route) =>
            hasTopic(route)
              ? topicSends(environment.name, route, source.attrArn)
              : bucketSends(environment.name, route, source.attrArn),
          ),
        ),
        ...rules.map((rule) => ruleSends(environment.name, rule, source.attrArn)),
      ]),
    ];
  });
}

/** A bucket can have several routes to one queue, and needs one statement. */
function distinct(statements: readonly PolicyStatement[]): PolicyStatement[] {
  return [...new Map(statements.map((statement) => [statement.sid, statement])).values()];
}

function bucketSends(environment: string, { bucket }: Route, queueArn: string): PolicyStatement {
  return sends(bucket, 's3.amazonaws.com', queueArn, {
    ArnEquals: { 'aws:SourceArn': bucketArn(environment, bucket) },
    StringEquals: { 'aws:SourceAccount': account },
  });
}

function topicSends(environment: string, route: Route, queueArn: string): PolicyStatement {
  return sends(topicId(route), 'sns.amazonaws.com', queueArn, {
    ArnEquals: { 'aws:SourceArn': topicArn(environment, route) },
  });
}

function ruleSends(environment: string, rule: EventBridgeListener, queueArn: string): PolicyStatement {
  return sends(rule.bucket, 'events.amazonaws.com', queueArn, {
    ArnEquals: { 'aws:SourceArn': ruleArn(environment, rule) },
  });
}

function sends(
  sender: string,
  service: string,
  queueArn: string,
  conditions: Record<string, Record<string, string>>,
): PolicyStatement {
  return new PolicyStatement({
    sid: `${constructId(sender)}Notifies`,
    principals: [new ServicePrincipal(service)],
    actions: ['sqs:SendMessage'],
    resources: [queueArn],
    conditions,
  });
}
