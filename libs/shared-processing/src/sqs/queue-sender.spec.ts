import { CallError } from '../errors/index.ts';
import { manualClock } from '../testing/index.ts';
import { createQueueSender, inBatches, type OutgoingMessage } from './index.ts';
import { attributeText } from './send-batch.ts';

const message = (body: string): OutgoingMessage => ({ body, attributes: {} });
const rules = () => ({ clock: manualClock(), random: () => 0.5, onError: jest.fn() });

describe('inBatches', () => {
  it('fills batches of ten, in order', () => {
    const messages = Array.from({ length: 23 }, (_, i) => message(String(i)));
    expect(inBatches(messages).map((batch) => batch.length)).toEqual([10, 10, 3]);
    expect(inBatches(messages).flat()).toEqual(messages);
  });

  it('keeps a batch below the limit of SQS', () => {
    const large = message('x'.repeat(500_000));
    expect(inBatches([large, large, large]).map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  it('returns no batch for no messages', () => {
    expect(inBatches([])).toEqual([]);
  });
});

describe('createQueueSender', () => {
  it('returns for each message whether SQS accepted it', async () => {
    const sender = createQueueSender(async (messages) => messages.map(({ body }) => body !== '7'), rules());
    const sent = await sender.send(Array.from({ length: 12 }, (_, i) => message(String(i))));
    expect(sent.indexOf(false)).toBe(7);
    expect(sent).toHaveLength(12);
  });

  it('retries if the response was lost', async () => {
    let calls = 0;
    const sender = createQueueSender(async (messages) => {
      if (++calls === 1) throw new CallError('SendMessageBatch', { outcome: 'unknown', code: 'ECONNRESET' });
      return messages.map(() => true);
    }, rules());
    await expect(sender.send([message('a')])).resolves.toEqual([true]);
  });

  it('returns false for refused messages instead of throwing', async () => {
    const options = rules();
    const refused = new CallError('SendMessageBatch', {
      outcome: 'refused',
      code: 'QueueDoesNotExist',
      status: 400,
    });
    const sender = createQueueSender(() => Promise.reject(refused), options);
    await expect(sender.send([message('a'), message('b')])).resolves.toEqual([false, false]);
    expect(options.onError).toHaveBeenCalledWith(refused);
  });
});

describe('attributeText', () => {
  it.each([
    ['', '-'],
    ['plain', 'plain'],
    ['a\u0000b', 'a\ufffdb'],
    ['\ud800', '\ufffd'],
    ['line\nbreak', 'line\nbreak'],
  ])('turns %j into text that SQS accepts', (text, expected) => {
    expect(attributeText(text)).toBe(expected);
  });

  it('shortens without splitting a character', () => {
    expect(attributeText('😀'.repeat(1_000)).isWellFormed()).toBe(true);
  });
});
