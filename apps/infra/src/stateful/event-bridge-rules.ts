import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { Context } from '../app/component.ts';
import { arn, bucketName, constructId, physicalName } from '../conventions/names.ts';
import { tagResource } from '../conventions/tags.ts';
import type { QueuePair } from './queues.ts';
import type { EventBridgeListener, KeyFilter } from './routes.ts';

/** The ARN of a function's rule. */
export function ruleArn(environment: string, listener: EventBridgeListener): string {
  return arn('events', `rule/${ruleName(environment, listener)}`);
}

function ruleName(environment: string, { name }: EventBridgeListener): string {
  return physicalName(environment, `${name}-objects`);
}

/**
 * A rule for each function that EventBridge notifies. It passes the bucket's `Object Created` events on to the function's
 * queue. EventBridge retries for 24 hours, and then sends an event to the dead-letter queue.
 */
export function eventBridgeRules(
  { scope, environment }: Context,
  listeners: readonly EventBridgeListener[],
  pairs: readonly QueuePair[],
): CfnRule[] {
  return listeners.flatMap((listener) => {
    const pair = pairs.find(({ of }) => of === listener.name);
    if (pair === undefined) return [];
    const rule = new CfnRule(scope, `${constructId(listener.name)}Objects`, {
      name: ruleName(environment.name, listener),
      description: `Sends ${listener.name} the events of new objects in ${listener.bucket}.`,
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [bucketName(environment.name, listener.bucket)] },
          ...objectPattern(listener),
        },
      },
      targets: [
        { id: 'queue', arn: pair.source.attrArn, deadLetterConfig: { arn: pair.deadLetters.attrArn } },
      ],
    });
    return tagResource(rule, `${listener.name}.objects`);
  });
}

function objectPattern(filter: KeyFilter): object {
  const keys = keyMatchers(filter);
  return keys.length === 0 ? {} : { object: { key: keys } };
}

/**
 * Matchers for keys with a prefix and a suffix; one of them must match. Keys are not encoded in these events. A wildcard covers
 * both, except for keys so short that prefix and suffix overlap, which are listed.
 */
export function keyMatchers({ prefix, suffix }: KeyFilter): (string | Record<string, string>)[] {
  if (prefix === '' && suffix === '') return [];
  if (suffix === '') return [{ prefix }];
  if (prefix === '') return [{ suffix }];
  const overlaps = Array.from({ length: Math.min(prefix.length, suffix.length) }, (_, index) => index + 1)
    .filter((length) => prefix.endsWith(suffix.slice(0, length)))
    .map((length) => prefix + suffix.slice(length));
  return [{ wildcard: `${literal(prefix)}*${literal(suffix)}` }, ...overlaps];
}

/** A text in a wildcard pattern, in which `*` and the backslash have a meaning. */
function literal(text: string): string {
  return text.replaceAll(/[*\\]/g, String.raw`\$&`);
}
