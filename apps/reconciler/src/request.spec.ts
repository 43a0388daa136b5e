import scheduledEvent from '../events/sample.json' with { type: 'json' };
import dryRun from '../events/dry-run.json' with { type: 'json' };
import { parseRequest, ReconcileRequestError } from './request.ts';

describe('parseRequest', () => {
  it('distinguishes a scheduled event from a request', () => {
    expect(parseRequest(scheduledEvent)).toEqual({ kind: 'scheduled' });
    expect(parseRequest(dryRun)).toEqual({
      kind: 'manual',
      from: Date.UTC(2026, 10, 22, 8),
      to: Date.UTC(2026, 10, 22, 9),
      dryRun: true,
      neverDelivered: false,
      after: undefined,
    });
  });

  it.each([
    [null, 'the event'],
    [{ dryrun: true }, 'dryrun'],
    [{ from: 'yesterday' }, 'from: is not a time such as 2026-11-22T09:00:00Z'],
    [{ from: '2026-11-22T09:00:00Z', to: '2026-11-22T09:00:00Z' }, '"from" is not before "to"'],
    [{ after: { key: 'a' } }, 'after.versionId'],
  ])('rejects %j with one sentence', (event, sentence) => {
    expect(() => parseRequest(event)).toThrow(ReconcileRequestError);
    expect(() => parseRequest(event)).toThrow(sentence);
  });
});
