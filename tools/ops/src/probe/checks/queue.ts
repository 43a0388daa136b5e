import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { type Assumption, observe, type Probe } from '../assumption.ts';

const VISIBILITY =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html';
const CHANGE =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html';
const DEAD_LETTERS =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html';

const HIDDEN_SECONDS = 2;
/** Receives of a short poll miss messages, so everything waits. */
const WAIT_SECONDS = 5;

const send = ({ sqs, queueUrls }: Probe, MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queueUrls.work, MessageBody }));

/** Receives the message with that body, and removes those that an earlier check has left. */
async function receive(
  probe: Probe,
  queue: 'work' | 'dead',
  body: string,
  WaitTimeSeconds = WAIT_SECONDS,
): Promise<Message | undefined> {
  const { sqs, queueUrls } = probe;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrls[queue],
      WaitTimeSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    }),
  );
  const [message] = Messages;
  if (message === undefined || message.Body === body) return message;
  await remove(probe, message, queue);
  return receive(probe, queue, body, WaitTimeSeconds);
}

const hide = ({ sqs, queueUrls }: Probe, { ReceiptHandle }: Message, VisibilityTimeout: number) =>
  sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: queueUrls.work, ReceiptHandle, VisibilityTimeout }),
  );

const remove = async (
  { sqs, queueUrls }: Probe,
  message: Message | undefined,
  queue: 'work' | 'dead' = 'work',
) => {
  if (!message) return;
  await sqs.send(
    new DeleteMessageCommand({ QueueUrl: queueUrls[queue], ReceiptHandle: message.ReceiptHandle }),
  );
};

const countOf = (message: Message | undefined) => Number(message?.Attributes?.['ApproximateReceiveCount']);

const LOST = { outcome: 'not-tested', observed: 'a message did not arrive in time' } as const;

export const queueAssumptions: readonly Assumption[] = [
  {
    name: 'visibility-and-count',
    assumption:
      'A change of visibility hides a message for exactly that time, and only a receive raises its receive count.',
    source: VISIBILITY,
    requests: { sqs: 6 },
    async check(probe) {
      await send(probe, 'visibility');
      const first = await receive(probe, 'work', 'visibility');
      if (!first) return LOST;
      await hide(probe, first, HIDDEN_SECONDS);
      const began = performance.now();
      const early = await receive(probe, 'work', 'visibility', 1);
      const second = early ?? (await receive(probe, 'work', 'visibility'));
      const after = Math.round(performance.now() - began);
      await remove(probe, second);
      if (!second) return LOST;
      return observe(
        early === undefined && countOf(first) === 1 && countOf(second) === 2,
        `hidden for ${HIDDEN_SECONDS} s: returned after ${after} ms; receive counts ${countOf(first)} and ${countOf(second)}`,
      );
    },
  },
  {
    name: 'visibility-zero',
    assumption: 'A visibility of 0 returns a message at once.',
    source: CHANGE,
    requests: { sqs: 5 },
    async check(probe) {
      await send(probe, 'zero');
      const first = await receive(probe, 'work', 'zero');
      if (!first) return LOST;
      await hide(probe, first, 0);
      const second = await receive(probe, 'work', 'zero');
      await remove(probe, second);
      return observe(
        second?.MessageId === first.MessageId && countOf(second) === 2,
        second ? `returned with receive count ${countOf(second)}` : `did not return within ${WAIT_SECONDS} s`,
      );
    },
  },
  {
    name: 'dead-letter-keeps-time',
    assumption:
      'A message that SQS moves to the dead-letter queue keeps the time at which it was first sent; so dead letters need the longer retention.',
    source: DEAD_LETTERS,
    requests: { sqs: 10 },
    async check(probe) {
      await send(probe, 'dead');
      let sent: string | undefined;
      // Three receives are allowed; the next one moves the message.
      for (let receives = 0; receives < 4; receives++) {
        const message = await receive(probe, 'work', 'dead', receives === 3 ? 1 : WAIT_SECONDS);
        if (!message) break;
        sent = message.Attributes?.['SentTimestamp'];
        await hide(probe, message, 0);
      }
      const dead = await receive(probe, 'dead', 'dead');
      if (!dead || sent === undefined) return LOST;
      const kept = dead.Attributes?.['SentTimestamp'];
      return observe(kept === sent, `sent at ${sent}; as a dead letter ${kept}`);
    },
  },
];
