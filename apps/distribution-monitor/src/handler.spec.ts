import { createServer } from 'node:http';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { receiptKey, serializeReceipt } from '@data-aggregator/shared-processing/receipt';
import { invokeHandler, type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import type { Context } from 'aws-lambda';
import type { Answer } from './handler.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Stored {
  key: string;
  at: number;
  text: string;
}

let aws: StandIn;
let handler: (event: unknown, context: Context) => Promise<Answer>;
let now: number;
let distribution: Stored[];
let archive: Stored[];
/** The first keys after which receipts were listed. */
let receiptsAfter: string[];
let isArchiveOpen: boolean;
/** Called for each listing of the distribution bucket. @returns whether there are more pages */
let onBacklogPage: () => boolean;

/** S3 with both buckets, which lists one page of each prefix. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  const bucket = pathname.split('/')[1];
  const stored = bucket === 'archive' ? archive : distribution;
  const refuse = (status: number, code: string) =>
    void response
      .writeHead(status)
      .end(`<Error><Code>${code}</Code><RequestId>4442587FB7D0A2F9</RequestId></Error>`);
  if (bucket === 'archive' && !isArchiveOpen) return refuse(403, 'AccessDenied');
  const key = pathname.slice(`/${bucket}/`.length);
  if (key !== '') {
    const found = stored.find((each) => each.key === key);
    if (!found) return refuse(404, 'NoSuchKey');
    response.writeHead(200, { 'last-modified': new Date(found.at).toUTCString() });
    return void response.end(found.text);
  }
  const prefix = searchParams.get('prefix') ?? '';
  const after = searchParams.get('start-after') ?? '';
  if (searchParams.has('delimiter')) {
    const year = `<CommonPrefixes><Prefix>${prefix}2026/</Prefix></CommonPrefixes>`;
    return void response.end(`<ListBucketResult>${year}<IsTruncated>false</IsTruncated></ListBucketResult>`);
  }
  if (bucket === 'archive') receiptsAfter.push(after);
  const contents = stored
    .filter((each) => each.key.startsWith(prefix) && each.key > after)
    .map(
      (each) =>
        `<Contents><Key>${each.key}</Key><LastModified>${new Date(each.at).toISOString()}</LastModified><Size>9</Size></Contents>`,
    );
  const isTruncated = bucket === 'distribution' && onBacklogPage();
  response.end(
    `<ListBucketResult>${contents.join('')}<IsTruncated>${isTruncated}</IsTruncated></ListBucketResult>`,
  );
});

beforeAll(async () => {
  aws = await standInForAws(server);
  Object.assign(process.env, { DISTRIBUTION_BUCKET: 'distribution', ARCHIVE_BUCKET: 'archive' });
});
beforeEach(async () => {
  now = Date.UTC(2026, 10, 22, 9);
  distribution = [];
  archive = [];
  receiptsAfter = [];
  isArchiveOpen = true;
  onBacklogPage = () => false;
  // Each test has a new process.
  await jest.isolateModulesAsync(async () => {
    ({ handler } = await import('./handler.ts'));
  });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => aws.stop());

function invoke(msLeft = 4 * MINUTE) {
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  return invokeHandler(handler, {}, msLeft);
}

const keyOf = (begun: number) => bundleKey(begun, '0123456789abcdef', '.tar.gz');

/** A bundle whose files landed and were bundled an hour ago, and reach the disk now. */
function deliver(): void {
  const landedAt = now - HOUR;
  const key = keyOf(landedAt);
  const text = serializeReceipt({
    bundle: { key, size: 9, crc64nvme: '0'.repeat(16) },
    consumer: 'inbox',
    layout: 'tree',
    members: 1,
    firstLandedAt: landedAt,
    lastLandedAt: landedAt,
    startedAt: now,
    finishedAt: now,
  });
  archive.push({ key: receiptKey(key), at: now, text });
}

describe('the distribution monitor', () => {
  it('returns and logs the backlog and the time to the disk, with the id of the invocation in every line', async () => {
    distribution.push({ key: keyOf(now - 2 * HOUR), at: now - 2 * HOUR, text: '' });
    deliver();
    now += MINUTE;
    const { result, lines } = await invoke();
    expect(result).toEqual({
      status: 'fulfilled',
      value: { bundles: 1, bytes: 9, oldestAgeSeconds: 7260, complete: true, onDisk: 1 },
    });
    expect(lines).toMatchObject([
      { message: 'backlog.counted', requestId: 'request', bundles: 1, oldestAgeSeconds: 7260 },
      { message: 'receipts.measured', requestId: 'request', bundles: 1, p95Seconds: 3600 },
    ]);
  });

  it('measures each receipt once, and lists three days only in the first run', async () => {
    deliver();
    const onDisk: number[] = [];
    for (let run = 0; run < 3; run++) {
      now += 5 * MINUTE - 10_000;
      const { result } = await invoke();
      if (result.status === 'fulfilled') onDisk.push(result.value.onDisk);
    }
    expect(onDisk).toEqual([1, 0, 0]);
    const hourOf = (moment: number) => `receipts/${keyOf(moment).slice(0, 'bundles/2026/11/22/09/'.length)}`;
    expect(receiptsAfter).toEqual([hourOf(now - 3 * DAY), hourOf(now - HOUR), hourOf(now - HOUR)]);
  });

  it('fails if the receipts cannot be listed, after it has reported the backlog, and measures them in the next run', async () => {
    now += 5 * MINUTE;
    await invoke();
    deliver();
    isArchiveOpen = false;
    now += 5 * MINUTE;
    const { result, lines } = await invoke();
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'AccessDenied' } });
    expect(lines).toMatchObject([{ message: 'backlog.counted' }, { message: 'measurement.failed' }]);
    isArchiveOpen = true;
    now += 5 * MINUTE;
    await expect(invoke()).resolves.toMatchObject({ result: { value: { onDisk: 1 } } });
  });

  it('stops counting a long backlog while there is time to measure receipts', async () => {
    distribution.push({ key: keyOf(now), at: now, text: '' });
    let pages = 0;
    onBacklogPage = () => {
      now += MINUTE;
      distribution.push({ key: keyOf(now), at: now, text: '' });
      return ++pages < 100;
    };
    const { result, lines } = await invoke();
    expect(result).toMatchObject({ value: { complete: false } });
    expect(pages).toBe(3);
    expect(lines).toMatchObject([{ message: 'backlog.partly-counted' }, { message: 'receipts.measured' }]);
  });
});
