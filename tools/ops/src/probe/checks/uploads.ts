import { PutObjectCommand } from '@aws-sdk/client-s3';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { Upload, UploadedPart } from '@data-aggregator/shared-processing/s3';
import { type Assumption, isRefusal, observe, type Probe, range, resultOf, tally } from '../assumption.ts';

const ABORT = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html';
const COMPLETE = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html';
const INTEGRITY =
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html';

const MIB = 1024 ** 2;
/** The smallest part that is not the last one. */
const PART_BYTES = 5 * MIB;
/** Copied parts that make a completion slow enough to be overtaken. */
const COPIED_PARTS = 4;

export interface Begun {
  upload: Upload;
  parts: UploadedPart[];
}

/** Begins an upload with one small part. */
export async function begin({ names, multipart }: Probe, key: string): Promise<Begun> {
  const upload = await start({ names, multipart }, key);
  const bytes = Buffer.from(`content of ${key}`);
  return { upload, parts: [await multipart.uploadPart(upload, await partOf(1, bytes))] };
}

async function start({ names, multipart }: Pick<Probe, 'names' | 'multipart'>, key: string): Promise<Upload> {
  const target = { bucket: names.bucket, key };
  return { ...target, uploadId: await multipart.create({ ...target, contentType: 'application/gzip' }) };
}

async function partOf(number: number, bytes: Uint8Array) {
  return { number, bytes, crc64nvme: await checksumOf('crc64nvme', bytes) };
}

export function complete({ multipart }: Probe, { upload, parts }: Begun): Promise<string> {
  return resultOf(multipart.complete(upload, parts, joinCrc64(parts)));
}

export const uploadAssumptions: readonly Assumption[] = [
  {
    name: 'abort-before-complete',
    assumption: 'After a confirmed abort, completing the upload is refused and no object appears.',
    source: ABORT,
    requests: { s3Put: 3, s3Get: 1 },
    async check(probe) {
      const begun = await begin(probe, 'abort-before-complete');
      await probe.multipart.abort(begun.upload);
      const completed = await complete(probe, begun);
      await probe.sleep(probe.pace.settleMs);
      const { kind } = await probe.store.head(begun.upload.bucket, begun.upload.key);
      return observe(
        completed === 'NoSuchUpload' && kind === 'absent',
        `complete: ${completed}; the key is ${kind}`,
      );
    },
  },
  {
    name: 'abort-after-complete',
    assumption: 'Aborting an upload that was completed leaves its object.',
    source: ABORT,
    requests: { s3Put: 3, s3Get: 1 },
    async check(probe) {
      const begun = await begin(probe, 'abort-after-complete');
      const completed = await complete(probe, begun);
      const aborted = await resultOf(probe.multipart.abort(begun.upload));
      await probe.sleep(probe.pace.settleMs);
      const { kind } = await probe.store.head(begun.upload.bucket, begun.upload.key);
      return observe(
        completed === 'ok' && kind === 'present',
        `complete: ${completed}; abort: ${aborted}; the key is ${kind}`,
      );
    },
  },
  {
    name: 'abort-races-complete',
    assumption: 'Once S3 has confirmed an abort, what HEAD answers about the key does not change any more.',
    source: ABORT,
    requests: { s3Put: 1 + 10 * (3 + COPIED_PARTS), s3Get: 2 * 10 },
    async check(probe) {
      const { names, s3, multipart, store, pace } = probe;
      const source = 'source-of-parts';
      await s3.send(
        new PutObjectCommand({ Bucket: names.bucket, Key: source, Body: Buffer.alloc(PART_BYTES + 1) }),
      );
      const races = range(pace.rounds).map(async (round) => {
        const begun = round % 2 === 0 ? await begin(probe, `race-${round}`) : await beginCopies(probe, round);
        const { bucket, key } = begun.upload;
        // From rounds in which the abort is sent first to rounds in which the completion is.
        const leadMs = (round - Math.floor(pace.rounds / 2)) * 2;
        const completing = probe.sleep(Math.max(0, -leadMs)).then(() => complete(probe, begun));
        await probe.sleep(Math.max(0, leadMs));
        const aborted = await resultOf(multipart.abort(begun.upload));
        const first = await store.head(bucket, key);
        const completed = await completing;
        await probe.sleep(pace.settleMs);
        const last = await store.head(bucket, key);
        const isFinal = aborted !== 'ok' || first.kind === last.kind;
        const isConsistent = completed !== 'ok' || last.kind === 'present';
        return {
          held: isFinal && isConsistent,
          what: `abort ${aborted}, complete ${completed}, HEAD ${first.kind} then ${last.kind}`,
        };
      });
      const rounds = await Promise.all(races);
      return observe(
        rounds.every(({ held }) => held),
        tally(rounds.map(({ what }) => what)),
      );
    },
  },
  {
    name: 'part-after-abort',
    assumption: 'A part that is sent after the abort is refused.',
    source: ABORT,
    requests: { s3Put: 4 },
    async check(probe) {
      const begun = await begin(probe, 'part-after-abort');
      await probe.multipart.abort(begun.upload);
      const late = await partOf(2, Buffer.from('late'));
      const uploaded = await resultOf(probe.multipart.uploadPart(begun.upload, late));
      const completed = await complete(probe, begun);
      return observe(
        uploaded === 'NoSuchUpload' && completed === 'NoSuchUpload',
        `part: ${uploaded}; complete: ${completed}`,
      );
    },
  },
  {
    name: 'part-in-flight-at-abort',
    assumption:
      'A part that is on its way during the abort does not revive the upload, whether or not it is stored.',
    source: ABORT,
    requests: { s3Put: 5, s3Get: 1 },
    async check(probe) {
      const begun = await begin(probe, 'part-in-flight');
      const { bucket, key, uploadId } = begun.upload;
      const bytes = Buffer.from('a part that arrives late');
      const held = await probe.holdPut({
        ...{ bucket, key, bytes, sent: 8 },
        query: { partNumber: '1', uploadId },
        headers: { 'x-amz-checksum-crc64nvme': base64(await checksumOf('crc64nvme', bytes)) },
      });
      await probe.sleep(probe.pace.stallMs);
      await probe.multipart.abort(begun.upload);
      const uploaded = await held.finish();
      const completed = await complete(probe, begun);
      const { kind } = await probe.store.head(bucket, key);
      return observe(
        completed === 'NoSuchUpload' && kind === 'absent',
        `part: ${uploaded}; complete: ${completed}; the key is ${kind}`,
      );
    },
  },
  {
    name: 'full-object-checksum',
    assumption:
      'S3 refuses to complete an upload whose CRC-64/NVME or size differs from the stated one, and accepts the value combined from the parts.',
    source: INTEGRITY,
    requests: { s3Put: 6, s3Get: 1 },
    async check(probe) {
      const { multipart, store } = probe;
      const upload = await start(probe, 'full-object-checksum');
      const [large, small] = [Buffer.alloc(PART_BYTES, 'a'), Buffer.from('the last part')];
      const parts = [
        await multipart.uploadPart(upload, await partOf(1, large)),
        await multipart.uploadPart(upload, await partOf(2, small)),
      ];
      const whole = joinCrc64(parts);
      const other = await checksumOf('crc64nvme', small);
      const wrongSum = await resultOf(multipart.complete(upload, parts, { ...whole, crc64nvme: other }));
      const wrongSize = await resultOf(multipart.complete(upload, parts, { ...whole, size: whole.size + 1 }));
      const right = await resultOf(multipart.complete(upload, parts, whole));
      const { body, checksum } = await store.get({ bucket: upload.bucket, key: upload.key });
      body.destroy();
      return observe(
        isRefusal(wrongSum) && isRefusal(wrongSize) && right === 'ok' && checksum?.hex === whole.crc64nvme,
        `wrong checksum: ${wrongSum}; wrong size: ${wrongSize}; right: ${right}, stored ${checksum?.algorithm} ${checksum?.hex}`,
      );
    },
  },
  {
    name: 'complete-over-object',
    assumption: 'CompleteMultipartUpload with If-None-Match: * is refused if the key has an object.',
    source: COMPLETE,
    requests: { s3Put: 4, s3Get: 0 },
    async check(probe) {
      const begun = await begin(probe, 'complete-over-object');
      const { bucket, key } = begun.upload;
      await probe.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'first' }));
      const completed = await complete(probe, begun);
      return observe(completed === 'PreconditionFailed', `complete: ${completed}`);
    },
  },
];

async function beginCopies({ names, multipart }: Probe, round: number): Promise<Begun> {
  const upload = await start({ names, multipart }, `race-${round}`);
  const from = { bucket: names.bucket, key: 'source-of-parts', start: 0, end: PART_BYTES };
  const parts = await Promise.all(
    range(COPIED_PARTS).map((index) => multipart.copyPart(upload, index + 1, from)),
  );
  return { upload, parts };
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
