import { IdempotencyPersistenceLayerError } from '@aws-lambda-powertools/idempotency';
import { SystemFault } from '../errors/index.ts';
import { recordingLog, recordingMetrics } from '../observability/testing/index.ts';
import type { OutgoingMessage } from '../sqs/index.ts';
import { type BatchDependencies, handleBatch } from './index.ts';

const messages = [
  { messageId: 'first', body: '1' },
  { messageId: 'second', body: '2' },
];
const refusal = { reason: 'malformed-message', detail: 'not JSON', body: 'x' };

function harness(handleMessage: BatchDependencies['handleMessage'], taken = true) {
  const letters: OutgoingMessage[] = [];
  const deadLetters = {
    send: async (sent: readonly OutgoingMessage[]) => {
      letters.push(...sent);
      return sent.map(() => taken);
    },
  };
  const metrics = recordingMetrics();
  return { letters, metrics, dependencies: { handleMessage, deadLetters, log: recordingLog(), metrics } };
}

describe('handleBatch', () => {
  it('acknowledges the batch if every message is done', async () => {
    const { dependencies, metrics } = harness(async () => []);
    await expect(handleBatch(messages, dependencies)).resolves.toEqual({ batchItemFailures: [] });
    expect(Object.fromEntries(metrics.counts)).toEqual({ MessagesDone: 2, MessagesReturned: 0 });
  });

  it('returns only the message that failed to the queue', async () => {
    const { dependencies } = harness(async ({ messageId }) => {
      if (messageId === 'first') throw new Error('not now');
      return [];
    });
    await expect(handleBatch(messages, dependencies)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'first' }],
    });
    expect(dependencies.log.events).toMatchObject([{ level: 'warn', event: 'message.returned' }]);
  });

  it('sends a refusal to the dead-letter queue immediately, with its reason', async () => {
    const { dependencies, letters } = harness(async ({ messageId }) =>
      messageId === 'second' ? [refusal] : [],
    );
    await expect(handleBatch(messages, dependencies)).resolves.toEqual({ batchItemFailures: [] });
    expect(letters).toEqual([
      {
        body: 'x',
        attributes: { reason: 'malformed-message', detail: 'not JSON', messageId: 'second' },
      },
    ]);
  });

  it('returns a message to the queue if its dead letter could not be sent', async () => {
    const { dependencies } = harness(async () => [refusal], false);
    await expect(handleBatch(messages, dependencies)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'first' }, { itemIdentifier: 'second' }],
    });
  });

  it.each([
    ['a fault that affects everything', new SystemFault('no table')],
    ['an unavailable ledger', new IdempotencyPersistenceLayerError('no table', new Error('timeout'))],
  ])('throws and acknowledges nothing after %s', async (_, fault) => {
    const { dependencies } = harness(() => Promise.reject(fault));
    await expect(handleBatch(messages, dependencies)).rejects.toBe(fault);
  });
});
