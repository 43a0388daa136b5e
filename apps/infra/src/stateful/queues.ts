import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Context } from '../app/component.ts';
import { isQueueFunction, type QueueFunction } from '../app/functions.ts';
import { arn, constructId, deadLettersName, queueName } from '../conventions/names.ts';
import { tagAsFunction, tagResource } from '../conventions/tags.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';

const DAY = 24 * 60 * 60;

/**
 * Seconds that a message stays hidden after a receive: until its invocation has ended for certain, and a killed invocation's claims have
 * expired. Less than AWS recommends; docs/decisions/0023-recovery-within-minutes.md says why.
 */
export function visibilityTimeout({ manifest }: QueueFunction): number {
  const { batchWindowSeconds, graceSeconds } = manifest.trigger;
  return batchWindowSeconds + manifest.timeoutSeconds + graceSeconds;
}

/** A function's queue and its dead-letter queue. */
export interface QueuePair {
  /** Name of the function. */
  of: string;
  source: CfnQueue;
  deadLetters: CfnQueue;
}

/** Creates a queue and a dead-letter queue for each function with a queue trigger. */
export function queues(context: Context): QueuePair[] {
  return context.functions.filter(isQueueFunction).map((fn) => queuePair(context, fn));
}

function queuePair({ scope, environment }: Context, fn: QueueFunction): QueuePair {
  const { name, trigger } = fn.manifest;
  const { deadLetterDays, sourceQueueDays } = environment.retention;

  const deadLetters = new CfnQueue(scope, `${constructId(name)}DeadLetters`, {
    queueName: deadLettersName(environment.name, name),
    messageRetentionPeriod: deadLetterDays * DAY,
    sqsManagedSseEnabled: true,
    redriveAllowPolicy: {
      redrivePermission: 'byQueue',
      sourceQueueArns: [arn('sqs', queueName(environment.name, name))],
    },
  });
  const source = new CfnQueue(scope, `${constructId(name)}Queue`, {
    queueName: queueName(environment.name, name),
    messageRetentionPeriod: sourceQueueDays * DAY,
    visibilityTimeout: visibilityTimeout(fn),
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: deadLetters.attrArn, maxReceiveCount: trigger.maxReceiveCount },
  });
  for (const queue of [deadLetters, source]) {
    applyRemovalPolicy(queue, environment);
    tagAsFunction(queue, fn.manifest);
  }
  tagResource(deadLetters, `${name}.dead-letters`);
  tagResource(source, `${name}.queue`);
  return { of: name, source, deadLetters };
}
