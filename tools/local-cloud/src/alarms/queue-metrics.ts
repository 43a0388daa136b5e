import * as v from 'valibot';
import type { Sqs } from '../services/sqs.ts';
import type { Measurement } from './emf.ts';

const batchAnswer = v.object({ Successful: v.optional(v.array(v.unknown()), []) });

/** The metrics that count messages, by the operation that counts; a batch counts its successful entries. */
const COUNTED: Readonly<Record<string, string>> = {
  SendMessage: 'NumberOfMessagesSent',
  SendMessageBatch: 'NumberOfMessagesSent',
  DeleteMessage: 'NumberOfMessagesDeleted',
  DeleteMessageBatch: 'NumberOfMessagesDeleted',
};

/** Wraps the queues to report every message that is sent or deleted. */
export function countingMessages(sqs: Sqs, onCounted: (measured: Measurement) => void): Sqs {
  const counted = (operation: string, input: unknown, answer: () => unknown) => {
    const name = COUNTED[operation];
    if (name === undefined) return;
    const { QueueUrl } = input as { QueueUrl?: unknown };
    const queue = String(QueueUrl).split('/').at(-1) ?? '';
    const value = operation.endsWith('Batch') ? v.parse(batchAnswer, answer()).Successful.length : 1;
    onCounted({ metric: ofQueue(queue, name), value });
  };
  return {
    ...sqs,
    async call(operation, body) {
      const answer = await sqs.call(operation, body);
      if (answer.status === 200 && COUNTED[operation] !== undefined) {
        counted(operation, JSON.parse(body), () => JSON.parse(answer.body));
      }
      return answer;
    },
    async perform(operation, input) {
      const answer = await sqs.perform(operation, input);
      counted(operation, input, () => answer);
      return answer;
    },
  };
}

/**
 * The queue metrics that SQS publishes every minute. @param age converts a real time (milliseconds since 1970) to an
 * age in milliseconds
 */
export function queueMetrics(sqs: Sqs, age: (since: number) => number): Measurement[] {
  const measured: Measurement[] = [];
  for (const [queue, { visible, inFlight, delayed }] of sqs.depths()) {
    const oldest = sqs.oldestSince(queue);
    const figures = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateAgeOfOldestMessage: oldest === undefined ? 0 : age(oldest) / 1000,
      // Reported also while it is 0. Each deletion adds to the sum.
      NumberOfMessagesDeleted: 0,
    };
    for (const [name, value] of Object.entries(figures))
      measured.push({ metric: ofQueue(queue, name), value });
  }
  return measured;
}

export function ofQueue(queue: string, name: string): Measurement['metric'] {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queue } };
}
