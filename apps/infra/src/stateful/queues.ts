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

/** A queue and its dead-letter queue. */
export interface QueuePair {
  /** Name of the function, or of the ready queue. */
  of: string;
  source: CfnQueue;
  deadLetters: CfnQueue;
}

/** Creates a queue and a dead-letter queue for each function with a queue trigger. */
export function queues(context: Context): QueuePair[] {
  return context.functions.filter(isQueueFunction).map((fn) => {
    const { name, trigger } = fn.manifest;
    const pair = queuePair(context, name, {
      visibilitySeconds: visibilityTimeout(fn),
      maxReceiveCount: trigger.maxReceiveCount,
    });
    for (const queue of [pair.deadLetters, pair.source]) tagAsFunction(queue, fn.manifest);
    return pair;
  });
}

interface QueueSettings {
  visibilitySeconds: number;
  maxReceiveCount: number;
  /** Seconds that a receive waits for a message, unless the request says otherwise. */
  waitSeconds?: number;
}

/** Creates a queue and its dead-letter queue. */
export function queuePair(
  { scope, environment }: Context,
  name: string,
  { visibilitySeconds, maxReceiveCount, waitSeconds }: QueueSettings,
): QueuePair {
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
    visibilityTimeout: visibilitySeconds,
    ...(waitSeconds !== undefined && { receiveMessageWaitTimeSeconds: waitSeconds }),
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: deadLetters.attrArn, maxReceiveCount },
  });
  for (const queue of [deadLetters, source]) applyRemovalPolicy(queue, environment);
  tagResource(deadLetters, `${name}.dead-letters`);
  tagResource(source, `${name}.queue`);
  return { of: name, source, deadLetters };
}
