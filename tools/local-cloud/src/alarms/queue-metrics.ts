import * as v from 'valibot';
import type { Sqs } from '../services/sqs.ts';
import type { Measurement } from './emf.ts';

const batchAnswer = v.object({ Successful: v.optional(v.array(v.unknown()), []) });

/** Wraps the queues to report every sent message. @param onSent called with the queue's name and a count */
export function countingSent(sqs: Sqs, onSent: (queue: string, count: number) => void): Sqs {
  const counted = (operation: string, input: unknown, answer: () => unknown) => {
    if (!operation.startsWith('SendMessage')) return;
    const { QueueUrl } = input as { QueueUrl?: unknown };
    const queue = String(QueueUrl).split('/').at(-1) ?? '';
    const count = operation === 'SendMessage' ? 1 : v.parse(batchAnswer, answer()).Successful.length;
    onSent(queue, count);
  };
  return {
    ...sqs,
    async call(operation, body) {
      const answer = await sqs.call(operation, body);
      if (answer.status === 200 && operation.startsWith('SendMessage')) {
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
    };
    for (const [name, value] of Object.entries(figures))
      measured.push({ metric: ofQueue(queue, name), value });
  }
  return measured;
}

export function ofQueue(queue: string, name: string): Measurement['metric'] {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queue } };
}
