import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import {
  bundleKeyOfReceipt,
  MAX_RECEIPT_BYTES,
  onDiskAt,
  parseReceipt,
  type Receipt,
  ReceiptError,
  receiptKey,
  receiptLayouts,
  serializeReceipt,
} from './index.ts';

const sha256 = hash('sha256', 'bundle');

const receipt: Receipt = {
  bundle: { key: 'bundles/2026/x.tar.gz', versionId: 'v1', size: 99, sha256 },
  consumer: 'inbox-1',
  layout: 'bundle',
  members: 2,
  firstLandedAt: Date.UTC(2026, 2, 1),
  lastLandedAt: Date.UTC(2026, 2, 1, 0, 0, 30),
  startedAt: Date.UTC(2026, 2, 1, 0, 2),
  finishedAt: Date.UTC(2026, 2, 1, 0, 2, 3),
};

describe('a receipt', () => {
  it.each([
    ['bundles/2026/x.tar.gz', 'receipts/bundles/2026/x.tar.gz.json'],
    ['replays/r/bundles/2026/x.tar.gz', 'receipts/replays/r/bundles/2026/x.tar.gz.json'],
  ])('of %s is stored under its key', (bundle, key) => {
    expect(receiptKey(bundle)).toBe(key);
    expect(bundleKeyOfReceipt(key)).toBe(bundle);
  });

  it.each(['manifests/bundles/x.tar.gz.json', 'receipts/bundles/x.tar.gz', 'x'])('is not %s', (key) => {
    expect(bundleKeyOfReceipt(key)).toBeUndefined();
  });

  it('is JSON with readable times', () => {
    expect(serializeReceipt(receipt)).toBe(`{
  "schemaVersion": 1,
  "bundle": {
    "key": "bundles/2026/x.tar.gz",
    "versionId": "v1",
    "size": 99,
    "sha256": "${sha256}"
  },
  "consumer": "inbox-1",
  "layout": "bundle",
  "members": 2,
  "firstLandedAt": "2026-03-01T00:00:00.000Z",
  "lastLandedAt": "2026-03-01T00:00:30.000Z",
  "startedAt": "2026-03-01T00:02:00.000Z",
  "finishedAt": "2026-03-01T00:02:03.000Z"
}
`);
  });

  it('is parsed unchanged, and is never larger than its limit', () => {
    // A key has at most 1,024 bytes, and JSON escapes a byte to at most six.
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 255 })
      .filter((it) => it.isWellFormed());
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
    const bundle = fc.oneof(
      fc.record({ key: text, size: fc.maxSafeNat(), sha256: hex(64) }),
      fc.record({ key: text, size: fc.maxSafeNat(), crc64nvme: hex(16), versionId: text }),
    );
    const receipts = fc.record({
      bundle,
      consumer: text,
      layout: fc.constantFrom(...receiptLayouts),
      members: fc.integer({ min: 1, max: 5_000 }),
      firstLandedAt: time,
      lastLandedAt: time,
      startedAt: time,
      finishedAt: time,
    });
    fc.assert(
      fc.property(receipts, (it) => {
        const serialized = serializeReceipt(it);
        expect(parseReceipt(serialized, 'here')).toEqual(it);
        expect(Buffer.byteLength(serialized)).toBeLessThan(MAX_RECEIPT_BYTES);
      }),
    );
  });

  it('may have unknown fields', () => {
    const later = serializeReceipt(receipt).replace('"schemaVersion": 1', '"schemaVersion": 1, "note": {}');
    expect(later).toContain('"note"');
    expect(parseReceipt(later, 'here')).toEqual(receipt);
  });

  it.each<[string, object | string, string]>([
    ['no JSON', '{', 'archive/r.json is not JSON'],
    ['nothing', 'null', 'archive/r.json: the receipt: Invalid type: Expected Object but received null'],
    [
      'a later version',
      { schemaVersion: 2 },
      'archive/r.json: schemaVersion: Invalid type: Expected 1 but received 2',
    ],
    ['no files', { members: 0 }, 'archive/r.json: members: no bundle is empty'],
    [
      'no checksum',
      { bundle: { key: 'bundles/x', size: 1 } },
      'archive/r.json: bundle: a receipt has a sha256 or a crc64nvme',
    ],
    [
      'an invalid hash',
      { bundle: { key: 'bundles/x', size: 1, sha256: 'abc' } },
      'archive/r.json: bundle.sha256: a SHA-256 is 64 lower-case hex digits',
    ],
  ])('with %s is refused, with the reason', (_, change, message) => {
    const text =
      typeof change === 'string'
        ? change
        : JSON.stringify({ ...(JSON.parse(serializeReceipt(receipt)) as object), ...change });
    const parse = () => parseReceipt(text, 'archive/r.json');
    expect(parse).toThrow(ReceiptError);
    expect(parse).toThrow(expect.objectContaining({ message }));
  });

  it.each<[string, Receipt]>([
    ['without files', { ...receipt, members: 0 }],
    ['with an invalid time', { ...receipt, finishedAt: NaN }],
    ['with a name that is too long', { ...receipt, consumer: 'x'.repeat(256) }],
  ])('%s is not written', (_, it) => {
    expect(() => serializeReceipt(it)).toThrow(ReceiptError);
  });
});

describe('onDiskAt', () => {
  const storedAt = receipt.finishedAt + 500;

  it.each([
    ['the consumer’s time', receipt.finishedAt, receipt.finishedAt],
    ['S3’s time if the consumer’s clock is fast', storedAt + 1, storedAt],
    ['S3’s time if the consumer’s clock is slow', receipt.lastLandedAt - 1, storedAt],
  ])('is %s', (_, finishedAt, expected) => {
    expect(onDiskAt({ ...receipt, finishedAt }, storedAt)).toBe(expected);
  });
});
