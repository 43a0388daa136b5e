import { createHash } from 'node:crypto';
import { checksumOf, joinCrc64 } from '../checksum/index.ts';
import { CallError } from '../errors/index.ts';
import type { MultipartStore, ObjectRequest, Upload, UploadedPart } from '../s3/index.ts';

/** The buckets that the uploads are for. */
interface Buckets {
  /** Content of the current object; undefined if there is none. */
  current(bucket: string, key: string): Buffer | undefined;
  /** @throws CallError, like S3 */
  find(request: ObjectRequest): Buffer;
  add(bucket: string, key: string, content: Buffer, metadata: Record<string, string>): void;
}

interface OpenUpload extends Upload {
  metadata: Record<string, string>;
  parts: Map<number, UploadedPart & { bytes: Buffer }>;
}

/** Uploads in parts in memory, which respond like S3 but take parts of any size. */
export function memoryMultipart(buckets: Buckets): MultipartStore & { uploads(): Upload[] } {
  const uploads = new Map<string, OpenUpload>();
  let count = 0;

  const find = (what: string, { bucket, key, uploadId }: Upload): OpenUpload => {
    const upload = uploads.get(uploadId);
    if (upload?.bucket !== bucket || upload.key !== key) throw refusal(what, 404, 'NoSuchUpload');
    return upload;
  };
  const keep = ({ parts }: OpenUpload, number: number, bytes: Buffer, crc64nvme: string): UploadedPart => {
    const etag = createHash('md5').update(bytes).digest('hex');
    const part = { number, etag, size: bytes.length, crc64nvme };
    parts.set(number, { ...part, bytes });
    return part;
  };

  return {
    uploads: () => [...uploads.values()].map(({ bucket, key, uploadId }) => ({ bucket, key, uploadId })),

    async create({ bucket, key, metadata = {} }) {
      const uploadId = `upload-${++count}`;
      uploads.set(uploadId, { bucket, key, uploadId, metadata, parts: new Map() });
      return uploadId;
    },

    async uploadPart(upload, { number, bytes, crc64nvme }) {
      const what = `PUT part ${number} of ${upload.key}`;
      const copy = Buffer.from(bytes);
      if ((await checksumOf('crc64nvme', copy)) !== crc64nvme) throw refusal(what, 400, 'BadDigest');
      return keep(find(what, upload), number, copy, crc64nvme);
    },

    async copyPart(upload, number, { start, end, ...from }) {
      const what = `COPY ${from.key} to part ${number} of ${upload.key}`;
      const content = buckets.find(from);
      if (start >= end || end > content.length) throw refusal(what, 416, 'InvalidRange');
      const bytes = Buffer.from(content.subarray(start, end));
      const crc64nvme = await checksumOf('crc64nvme', bytes);
      return keep(find(what, upload), number, bytes, crc64nvme);
    },

    async complete(upload, listed, { size, crc64nvme }) {
      const what = `COMPLETE ${upload.key}`;
      const { parts, metadata } = find(what, upload);
      const chosen = listed.map(({ number, etag }, index) => {
        const part = parts.get(number);
        if (part?.etag !== etag) throw refusal(what, 400, 'InvalidPart');
        if (number <= (listed[index - 1]?.number ?? 0)) throw refusal(what, 400, 'InvalidPartOrder');
        return part;
      });
      const whole = joinCrc64(chosen);
      if (whole.size !== size) throw refusal(what, 400, 'InvalidRequest');
      if (whole.crc64nvme !== crc64nvme) throw refusal(what, 400, 'BadDigest');
      if (buckets.current(upload.bucket, upload.key)) throw refusal(what, 412, 'PreconditionFailed');
      uploads.delete(upload.uploadId);
      buckets.add(upload.bucket, upload.key, Buffer.concat(chosen.map(({ bytes }) => bytes)), metadata);
    },

    async abort({ uploadId }) {
      uploads.delete(uploadId);
    },
  };
}

/** The error with which S3 refuses a request. */
export function refusal(what: string, status: number, code: string): CallError {
  return new CallError(what, { outcome: 'refused', status, code });
}
