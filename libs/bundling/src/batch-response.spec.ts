import { CallError } from '@data-aggregator/shared-processing/errors';
import { quarantineId } from '@data-aggregator/shared-processing/ledger';
import { recordingLog } from '@data-aggregator/shared-processing/observability/testing';
import { decide, respond, type ResponseDependencies } from './batch-response.ts';
import type { MessageRecord, Refusal } from './message-records.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { harness } from './testing/harness.ts';
import { candidate } from './testing/landed.ts';

const [a, b, c] = [candidate('a', 1), candidate('b', 1), candidate('c', 1)];
const record = (messageId: string, of: Candidate): MessageRecord => ({
  kind: 'candidate',
  messageId,
  candidate: of,
});
const busy = (until: number): Outcome => ({ kind: 'retry', why: 'busy', detail: 'claimed', until });
const ELSEWHERE: Record<'refused' | 'forwarded' | 'unstarted', Outcome> = {
  refused: { kind: 'refused', reason: 'gone', detail: 'it is gone' },
  forwarded: { kind: 'forwarded' },
  unstarted: { kind: 'unstarted' },
};

/** Messages that send a record of theirs elsewhere. */
function messagesOf({ refusals, forwarded, unstarted }: ReturnType<typeof decide>): string[] {
  return [...refusals, ...forwarded, ...unstarted].map(({ messageId }) => messageId);
}

describe('the decision about messages', () => {
  it.each([
    [1_000, 2_000],
    [2_000, 1_000],
  ])('lets one return when the last claim in its way has expired: %i, %i', (untilA, untilB) => {
    const outcomes = new Map([
      [a.id, busy(untilA)],
      [b.id, busy(untilB)],
    ]);
    const { returning } = decide([record('one', a), record('one', b)], outcomes);
    expect([...returning]).toEqual([['one', 2_000]]);
  });

  describe.each(Object.entries(ELSEWHERE))('a record that is %s', (_kind, elsewhere) => {
    it('stays with its message if that returns, and brings all its records again', () => {
      const outcomes = new Map([
        [a.id, elsewhere],
        [b.id, busy(1_000)],
        [c.id, elsewhere],
      ]);
      const records = [record('returns', a), record('returns', b), record('ends', c)];
      expect(messagesOf(decide(records, outcomes))).toEqual(['ends']);
    });

    it('is sent once, even if several messages name its object', () => {
      const records = [record('first', a), record('second', a), record('second', b)];
      const outcomes = new Map([
        [a.id, elsewhere],
        [b.id, elsewhere],
      ]);
      expect(messagesOf(decide(records, outcomes))).toEqual(['first', 'second']);
    });
  });
});

describe('quarantine', () => {
  const refusal = (messageId: string, object?: Candidate): Refusal => ({
    ...{ messageId, reason: 'gone', detail: 'it is gone', body: '{}' },
    ...(object && { object: object.landed }),
  });
  const refusals = [refusal('one', a), refusal('two', b), refusal('malformed')];

  function setUp(change: Partial<ResponseDependencies> = {}) {
    const h = harness();
    const log = recordingLog();
    const dependencies = { ...h.dependencies(), log, ...change };
    const decision = { returning: new Map(), refusals, forwarded: [], unstarted: [] };
    const run = () => respond([], decision, dependencies, h.clock.now() + 60_000);
    return { h, log, run };
  }

  it('marks only objects whose dead letter SQS has accepted: a mark without one would hide a file', async () => {
    const { h, run } = setUp({ deadLetters: { send: async () => [true, false, true] } });
    await expect(run()).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: 'two' }] });
    expect([...h.items.items.keys()]).toEqual([quarantineId(a.id)]);
  });

  it('keeps the marks as long as claims', async () => {
    const { h, run } = setUp();
    await run();
    const expires = h.clock.now() / 1_000 + 86_400;
    expect([...h.items.items.values()]).toMatchObject([{ expires }, { expires }]);
  });

  it('logs the message, the object if there is one, and the reason', async () => {
    const { log, run } = setUp();
    await run();
    const fields = { reason: 'gone', detail: 'it is gone' };
    expect(log.events.map(({ event, fields: of }) => [event, of])).toEqual([
      ['notification.quarantined', { ...fields, messageId: 'one', object: a.id }],
      ['notification.quarantined', { ...fields, messageId: 'two', object: b.id }],
      ['notification.quarantined', { ...fields, messageId: 'malformed', object: undefined }],
    ]);
  });

  it('succeeds without the mark, and logs that it is missing', async () => {
    const lost = new CallError('PUT', { outcome: 'unknown', code: 'ECONNRESET' });
    const { log, run } = setUp({ ledger: { quarantine: () => Promise.reject(lost) } });
    await expect(run()).resolves.toEqual({ batchItemFailures: [] });
    expect(log.events.filter(({ event }) => event === 'quarantine.unmarked')).toHaveLength(2);
  });
});
