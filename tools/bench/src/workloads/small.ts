import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { bundleId, claimId, objectIdOf, packIds } from '@data-aggregator/shared-processing/ledger';
import { BUCKETS, VERSION } from '../notify.ts';
import { type BenchFile, keyOf, batchesOf, files, KB } from '../content.ts';
import type { Behaviour } from '../stand-in/start.ts';
import { startBatches } from './batches.ts';
import type { Workload } from './workload.ts';

const batches = batchesOf(files(1000, 5 * KB, 'json'), 100);
const FIRST_BYTE_MS = 25;

/** A thousand small files, the baseline load of 100 seconds. */
export const small: Workload = {
  name: 'small',
  title: '1,000 × 5 KB JSON, batches of 100',
  figure: 'CPU',
  unit: 'ms',
  floor: 'GETs and conditional puts through the unmodified SDK, gzip of the same bytes',
  reach: { times: 0.6 },
  runs: 5,
  start: (subject, bench) =>
    startBatches(
      {
        batches,
        behaviour: { firstByteMs: 0 },
        floorOf: (batch) => [{ floor: 'fetch-and-claim', files: [...batch] }],
      },
      subject,
      bench,
    ),
};

/** The same with realistic latency of S3: do the requests overlap? */
export const distant: Workload = {
  name: 'distant',
  title: `the same, ${FIRST_BYTE_MS} ms to the first byte of each GET`,
  figure: 'billed time',
  unit: 'ms',
  floor: "one GET's latency per batch, and the function's own CPU",
  reach: { times: 1.5 },
  runs: 5,
  start: (subject, bench) =>
    startBatches(
      {
        batches,
        behaviour: { firstByteMs: FIRST_BYTE_MS },
        floorOf: () => [],
        figure: ({ wallMs, cpuMs }) => ({ value: wallMs, floor: FIRST_BYTE_MS + cpuMs }),
      },
      subject,
      bench,
    ),
};

const BUNDLE = bundleKey(Date.UTC(2026, 10, 22, 9, 8, 7), 'b3f4ced5c6365116', '.tar.gz');

/** A batch that has already been delivered, ten times. */
export const duplicates: Workload = {
  name: 'duplicates',
  title: '100 notifications, all duplicates, ten times',
  figure: 'CPU',
  unit: 'ms',
  floor: 'as many refused conditional puts through the unmodified SDK',
  reach: { times: 1.3 },
  runs: 5,
  start: (subject, bench) => {
    const batch = files(100, 5 * KB, 'json');
    return startBatches(
      {
        batches: Array.from({ length: 10 }, () => batch),
        behaviour: allClaimed(batch),
        floorOf: () => [{ floor: 'claim', files: batch }],
      },
      subject,
      bench,
    );
  },
};

/** Every claim is another bundle's, and the bundle record lists all files. */
function allClaimed(batch: readonly BenchFile[]): Behaviour {
  const ids = batch.map((file) =>
    objectIdOf({ bucket: BUCKETS.landing, key: keyOf(file), version: { kind: 'id', versionId: VERSION } }),
  );
  const claim = { bundle: { S: BUNDLE }, until: { N: '1' }, expires: { N: '1795338000' } };
  return {
    firstByteMs: 0,
    claimed: {
      refusal: JSON.stringify({
        __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
        message: 'The conditional request failed',
        Item: { id: { S: claimId(ids[0] ?? '') }, ...claim },
      }),
      note: JSON.stringify({
        Item: {
          id: { S: bundleId(BUNDLE) },
          members: { B: Buffer.from(packIds(ids)).toString('base64') },
          expires: { N: '1795338000' },
        },
      }),
    },
  };
}
