import { bundleKey, replayKey } from '../bundle-key/index.ts';
import { MAX_RECEIPT_BYTES, type Receipt, receiptKey, serializeReceipt } from '../receipt/index.ts';
import { manualClock, memoryListing, memoryStore } from '../testing/index.ts';
import { readReceipt, receiptsBetween } from './index.ts';

const NINE = Date.UTC(2026, 10, 22, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An archive in which tests store receipts; listings have pages of three. */
function setUp() {
  const clock = manualClock(NINE);
  const store = memoryStore(clock.now);
  const listing = memoryListing(store, 3);
  const dependencies = { clock, store, listing, random: () => 0.5, archive: 'archive' };
  let count = 0;
  const receiptOf = (bundle: string): Receipt => ({
    bundle: { key: bundle, size: 1, crc64nvme: '0'.repeat(16) },
    consumer: 'inbox',
    layout: 'tree',
    members: 1,
    firstLandedAt: NINE,
    lastLandedAt: NINE,
    startedAt: NINE,
    finishedAt: clock.now(),
  });
  const storeText = (bundle: string, text: string) =>
    void store.upload('archive', receiptKey(bundle), Buffer.from(text));
  /** Stores the receipt of a bundle; both times are minutes after nine. @returns the bundle */
  const deliver = (begun: number, stored: number, group?: string): string => {
    const random = String(++count).padStart(16, '0');
    const bundle = bundleKey(NINE + begun * MINUTE, random, '.tar.gz', group);
    clock.advance(NINE + stored * MINUTE - clock.now());
    storeText(bundle, serializeReceipt(receiptOf(bundle)));
    return bundle;
  };
  const between = async (from: number, to: number, startedFrom = 0) => {
    const found: string[] = [];
    const range = { from: NINE + from * MINUTE, to: NINE + to * MINUTE };
    for await (const bundles of receiptsBetween(range, NINE + startedFrom * MINUTE, dependencies)) {
      found.push(...bundles);
    }
    return found;
  };
  const read = (bundle: string) => readReceipt(bundle, 'archive', dependencies);
  return { clock, store, listing, receiptOf, storeText, deliver, between, read };
}

describe('receiptsBetween', () => {
  it('finds the receipts that were stored in the range, whenever their bundles were started', async () => {
    const { deliver, between } = setUp();
    const bundles = [0, 10, 20, 70, 80].map((begun, index) => deliver(begun, 90 + index));
    await expect(between(90, 95)).resolves.toEqual(bundles);
    await expect(between(91, 93)).resolves.toEqual(bundles.slice(1, 3));
    await expect(between(95, 99)).resolves.toEqual([]);
  });

  it('reads no page of hours before the first start', async () => {
    const { deliver, between, listing } = setUp();
    for (let minute = 0; minute < 30; minute++) deliver(minute, 90);
    const last = deliver(70, 91);
    const pages = jest.spyOn(listing, 'objects');
    await expect(between(91, 92, 65)).resolves.toEqual([last]);
    expect(pages).toHaveBeenCalledTimes(1);
  });

  it('finds receipts of groups, and on both sides of a new year', async () => {
    const { deliver, between } = setUp();
    const year = (Date.UTC(2027, 0) - NINE) / MINUTE;
    const bundles = [
      deliver(year - 1, year + 1),
      deliver(year + 1, year + 2),
      deliver(year - 1, year + 3, 'acme'),
      deliver(year + 1, year + 3, 'acme'),
      deliver(year, year + 4, 'beta'),
    ];
    deliver(1, year + 4, 'acme');
    await expect(between(year, year + 5, year - 60)).resolves.toEqual(bundles);
  });

  it('omits receipts of replays, and other keys', async () => {
    const { deliver, storeText, store, between, receiptOf } = setUp();
    const bundle = deliver(1, 2);
    const replay = replayKey('r', bundle);
    storeText(replay, serializeReceipt(receiptOf(replay)));
    store.upload('archive', 'receipts/bundles/2026/11/22/09/notes.txt', Buffer.from('x'));
    store.upload('archive', 'receipts/bundles/x.json', Buffer.from('x'));
    await expect(between(0, 60)).resolves.toEqual([bundle]);
  });
});

describe('readReceipt', () => {
  it('returns the receipt and when the files were on disk, or undefined if there is none', async () => {
    const { deliver, receiptOf, read } = setUp();
    const bundle = deliver(1, 2);
    await expect(read(bundle)).resolves.toEqual({
      receipt: receiptOf(bundle),
      onDiskAt: NINE + 2 * MINUTE,
    });
    await expect(read('bundles/none')).resolves.toBeUndefined();
  });

  it('trusts S3’s clock rather than a consumer’s that is wrong', async () => {
    const { clock, storeText, receiptOf, read } = setUp();
    clock.advance(MINUTE);
    for (const wrong of [-HOUR, HOUR]) {
      const finishedAt = NINE + wrong;
      storeText('bundles/K', serializeReceipt({ ...receiptOf('bundles/K'), finishedAt }));
      await expect(read('bundles/K')).resolves.toMatchObject({ onDiskAt: NINE + MINUTE });
    }
  });

  it.each([
    ['broken', '{', 'archive/receipts/bundles/K.json is not JSON'],
    ['too large', ' '.repeat(MAX_RECEIPT_BYTES + 1), 'archive/receipts/bundles/K.json is too large'],
  ])('does not report a receipt that is %s as missing', async (_, text, message) => {
    const { storeText, read } = setUp();
    storeText('bundles/K', text);
    await expect(read('bundles/K')).rejects.toMatchObject({ name: 'ReceiptError', message });
  });

  it('refuses a receipt of another bundle', async () => {
    const { storeText, receiptOf, read } = setUp();
    storeText('bundles/K', serializeReceipt(receiptOf('bundles/L')));
    await expect(read('bundles/K')).rejects.toThrow('archive/receipts/bundles/K.json is about bundles/L');
  });
});
