import * as v from 'valibot';
import type { QueueModel } from '../assembly/model.ts';
import type { Sqs } from './sqs.ts';

const sent = v.object({ MessageId: v.string() });
const sentBatch = v.object({ Successful: v.optional(v.array(sent), []) });

/** Tells dead letters that SQS moved, after too many receives, from those that somebody sent to the queue. */
export interface DeadLetterOrigins {
  /** The same queues; notes what is sent to dead-letter queues. */
  readonly noting: (sqs: Sqs) => Sqs;
  /** The ARN of the queue that SQS moved a message from; undefined where it was sent, or could be any of several. */
  readonly sourceOf: (deadLetterArn: string, messageId: string) => string | undefined;
}

export function createDeadLetterOrigins(queues: readonly QueueModel[]): DeadLetterOrigins {
  const deadLetterArns = new Set(queues.map(({ deadLetterArn }) => deadLetterArn));
  const names = new Set(queues.filter(({ arn }) => deadLetterArns.has(arn)).map(({ name }) => name));
  const sentHere = new Set<string>();

  function note(operation: string, input: unknown, answer: unknown): void {
    const { QueueUrl } = input as { QueueUrl?: unknown };
    if (!names.has(String(QueueUrl).split('/').at(-1) ?? '')) return;
    const messages =
      operation === 'SendMessage' ? [v.parse(sent, answer)] : v.parse(sentBatch, answer).Successful;
    for (const { MessageId } of messages) sentHere.add(MessageId);
  }

  return {
    noting: (sqs) => ({
      ...sqs,
      async call(operation, body) {
        const answer = await sqs.call(operation, body);
        if (answer.status === 200 && operation.startsWith('SendMessage')) {
          note(operation, JSON.parse(body), JSON.parse(answer.body));
        }
        return answer;
      },
      async perform(operation, input) {
        const answer = await sqs.perform(operation, input);
        if (operation.startsWith('SendMessage')) note(operation, input, answer);
        return answer;
      },
    }),
    sourceOf: (deadLetterArn, messageId) => {
      if (sentHere.has(messageId)) return undefined;
      const [source, ...others] = queues.filter((queue) => queue.deadLetterArn === deadLetterArn);
      return others.length === 0 ? source?.arn : undefined;
    },
  };
}
