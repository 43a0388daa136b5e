import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { Context } from '../app/component.ts';
import { account, bucketArn, constructId } from '../conventions/names.ts';
import { policyDocument, tlsOnly } from '../conventions/policies.ts';
import { topicArn, topicId } from './fan-out.ts';
import type { QueuePair } from './queues.ts';
import { type Route, routesTo } from './routes.ts';

/** Policies that require TLS for every queue and allow S3, or the topic between them, to send notifications. */
export function queuePolicies(
  { scope, environment }: Context,
  pairs: readonly QueuePair[],
  routes: readonly Route[],
): CfnQueuePolicy[] {
  const policy = (id: string, queue: CfnQueue, senders: PolicyStatement[] = []) =>
    new CfnQueuePolicy(scope, `${constructId(id)}Policy`, {
      queues: [queue.ref],
      policyDocument: policyDocument([tlsOnly('sqs:*', [queue.attrArn]), ...senders]),
    });
  return pairs.flatMap(({ of, source, deadLetters }) => [
    policy(`${of}-dead-letters`, deadLetters),
    policy(
      `${of}-queue`,
      source,
      distinct(routesTo(routes, of).map((route) => sender(environment.name, route, source.attrArn))),
    ),
  ]);
}

/** A bucket can have several routes to one queue, and needs one statement. */
function distinct(statements: readonly PolicyStatement[]): PolicyStatement[] {
  return [...new Map(statements.map((statement) => [statement.sid, statement])).values()];
}

function sender(environment: string, route: Route, queueArn: string): PolicyStatement {
  const direct = route.listeners.length === 1;
  return new PolicyStatement({
    sid: `${constructId(direct ? route.bucket : topicId(route))}Notifies`,
    principals: [new ServicePrincipal(direct ? 's3.amazonaws.com' : 'sns.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queueArn],
    conditions: direct
      ? {
          ArnEquals: { 'aws:SourceArn': bucketArn(environment, route.bucket) },
          StringEquals: { 'aws:SourceAccount': account },
        }
      : { ArnEquals: { 'aws:SourceArn': topicArn(environment, route) } },
  });
}
