import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import type { SentObject } from '../upload.ts';
import type { CheckedBundle, CheckedMember } from './bundle.ts';
import { checkDelivery } from './delivery.ts';

const object = (key: string, versionId = 'v1'): SentObject => ({
  bucket: 'landing',
  key,
  version: { kind: 'id', versionId },
  size: 1,
  sha256: `hash of ${key}`,
});
const member = (of: SentObject, changes: Partial<CheckedMember> = {}): CheckedMember => ({
  ...of,
  etag: 'e',
  name: of.key,
  lastModified: 0,
  landedAt: 0,
  problem: undefined,
  ...changes,
});
const bundle = (key: string, members: CheckedMember[], problems: string[] = []): CheckedBundle => ({
  key,
  size: 1,
  members,
  problems,
});
const nowhere = new Map<string, never>();
const [a, b] = [object('a'), object('b')];
const why = { reason: 'gone', detail: 'no such version' };

describe('a sent object', () => {
  it('is delivered, quarantined or missing', () => {
    const c = object('c');
    expect(checkDelivery([a, b, c], [bundle('K', [member(a)])], new Map([[identityOf(b), why]]))).toEqual({
      delivered: [a],
      quarantined: [{ key: 'b', ...why }],
      missing: ['c'],
      mismatched: [],
    });
  });

  it('is missing if only another version of its key is delivered, which is then mismatched', () => {
    const verdict = checkDelivery([a], [bundle('K', [member(object('a', 'v2'))])], nowhere);
    expect(verdict).toMatchObject({
      missing: ['a'],
      mismatched: [{ key: 'a', problem: 'K contains it, but it was never sent' }],
    });
  });

  it.each<[string, CheckedBundle[], string]>([
    ['has other bytes', [bundle('K', [member(a, { sha256: 'x' })])], 'its bytes differ from those sent'],
    ['has another size', [bundle('K', [member(a, { size: 2 })])], '2 bytes instead of 1'],
    ['is not extracted', [bundle('K', [member(a, { problem: 'not there' })])], 'K: not there'],
    ['is in a broken bundle', [bundle('K', [member(a)], ['cut short'])], 'K: cut short'],
    [
      'is in two bundles',
      [bundle('K', [member(a)]), bundle('L', [member(a)])],
      'it is in several bundles: K, L',
    ],
    ['is twice in one bundle', [bundle('K', [member(a), member(a)])], 'it is in several bundles: K, K'],
  ])('is mismatched if it %s', (_, bundles, problem) => {
    expect(checkDelivery([a], bundles, nowhere)).toEqual({
      delivered: [],
      quarantined: [],
      missing: [],
      mismatched: [{ key: 'a', problem }],
    });
  });

  it('is mismatched if it is in a bundle and in a dead letter', () => {
    const verdict = checkDelivery([a], [bundle('K', [member(a)])], new Map([[identityOf(a), why]]));
    expect(verdict.mismatched).toEqual([
      { key: 'a', problem: 'it is in a bundle, and in a dead letter: gone' },
    ]);
  });

  it('is missing if its bundle is unreadable, and the bundle is mismatched', () => {
    const verdict = checkDelivery([a], [bundle('K', [], ['it has no manifest'])], nowhere);
    expect(verdict).toMatchObject({
      missing: ['a'],
      mismatched: [{ key: 'K', problem: 'it has no manifest' }],
    });
  });
});
