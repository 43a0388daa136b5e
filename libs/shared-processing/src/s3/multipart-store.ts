import type { S3Client } from '@aws-sdk/client-s3';
import type { Crc64Run } from '../checksum/index.ts';
import { CallError, outcomeOfError, toCallError } from '../errors/index.ts';
import { type HttpResponse, percentEncode, readBody } from '../aws-http/index.ts';
import { CONNECTION_TIMEOUT_MS, STALLED_AFTER_MS } from './sdk-object-store.ts';
import {
  createSignedS3,
  elementIn,
  encodedKey,
  errorDocumentIn,
  NO_BODY,
  type SignedS3Call,
} from './signed-s3.ts';

/*
 * Source of the limits: Amazon S3 User Guide, "Amazon S3 multipart upload limits".
 */
/** Parts of an upload, numbered from 1. */
export const MAX_PARTS = 10_000;
/** Bytes of a part, except for the last one. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;
/** Bytes of a part. */
export const MAX_PART_BYTES = 5 * 1024 ** 3;

/** An upload in parts. Its parts are invisible until it is completed. */
export interface Upload {
  bucket: string;
  key: string;
  uploadId: string;
}

/** A part that S3 has stored. */
export interface UploadedPart extends Crc64Run {
  number: number;
  /** ETag without quotes. */
  etag: string;
}

/** Bytes `start` to `end` (excluded) of an object version. */
export interface CopyRange {
  bucket: string;
  key: string;
  versionId?: string;
  /** Only if the object still has this ETag (without quotes). */
  ifMatch?: string;
  start: number;
  end: number;
}

/**
 * Uploads in parts. S3 checks the CRC-64/NVME of each uploaded part and of the whole object. Every call is one attempt and throws
 * CallError. All calls but `complete` may be repeated, because parts are invisible.
 */
export interface MultipartStore {
  /** @returns the upload id */
  create(
    object: { bucket: string; key: string; contentType: string; metadata?: Record<string, string> },
    signal?: AbortSignal,
  ): Promise<string>;
  /** Stores a part, instead of an earlier one with its number. @param part.crc64nvme of the bytes, hex */
  uploadPart(
    upload: Upload,
    part: { number: number; bytes: Uint8Array; crc64nvme: string },
    signal?: AbortSignal,
  ): Promise<UploadedPart>;
  /** Stores a part that S3 copies from another object. */
  copyPart(upload: Upload, number: number, from: CopyRange, signal?: AbortSignal): Promise<UploadedPart>;
  /**
   * Makes the object visible if no current object has its key. S3 refuses if the parts have another size or checksum in total. After an
   * unknown outcome the object may appear at any time until the upload is aborted.
   */
  complete(
    upload: Upload,
    parts: readonly UploadedPart[],
    whole: Crc64Run,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Makes sure that the upload can no longer be completed; it may have been completed or aborted before. */
  abort(upload: Upload, signal?: AbortSignal): Promise<void>;
}

/**
 * Milliseconds without a byte after which a copy or a completion fails: S3 answers them when it is done. A caller that has less time
 * passes a signal.
 */
const SLOW_ANSWER_MS = 300_000;

/** Creates the multipart store with the client's signer. The SDK's commands would make the function larger and its start slower. */
export function createMultipartStore(
  client: S3Client,
  { maxSockets }: { maxSockets: number },
): MultipartStore {
  const send = createSignedS3(client, {
    maxSockets,
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    stalledAfterMs: STALLED_AFTER_MS,
  });

  /** Sends a request and reads the document in the response. */
  const call = async (what: string, request: SignedS3Call, signal: AbortSignal | undefined) => {
    const response = await send(what, request, signal);
    const text = await readBody(response.body).catch((error: unknown) => {
      throw toCallError(what, error);
    });
    return { headers: response.headers, text };
  };

  return {
    async create({ bucket, key, contentType, metadata = {} }, signal) {
      const what = `CREATE UPLOAD ${bucket}/${key}`;
      const { text } = await call(
        what,
        {
          bucket,
          key,
          method: 'POST',
          query: { uploads: '' },
          headers: {
            'x-amz-content-sha256': NO_BODY,
            'content-type': contentType,
            'x-amz-checksum-algorithm': 'CRC64NVME',
            'x-amz-checksum-type': 'FULL_OBJECT',
            ...Object.fromEntries(
              Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
            ),
          },
        },
        signal,
      );
      return required(what, elementIn(text, 'UploadId'), 'upload id');
    },

    async uploadPart({ uploadId, ...object }, { number, bytes, crc64nvme }, signal) {
      const what = `PUT part ${number} of ${object.bucket}/${object.key}`;
      const { headers } = await call(
        what,
        {
          ...object,
          method: 'PUT',
          query: { partNumber: String(number), uploadId },
          headers: {
            // The signature covers the checksum, and the checksum the bytes.
            'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
            'x-amz-checksum-crc64nvme': toBase64(crc64nvme),
            'content-length': String(bytes.length),
          },
          body: bytes,
        },
        signal,
      );
      const etag = required(what, headerIn(headers, 'etag'), 'ETag');
      return { number, etag: withoutQuotes(etag), size: bytes.length, crc64nvme };
    },

    async copyPart({ uploadId, ...object }, number, { start, end, versionId, ifMatch, ...from }, signal) {
      const what = `COPY ${from.bucket}/${from.key} to part ${number} of ${object.bucket}/${object.key}`;
      const version = versionId === undefined ? '' : `?versionId=${percentEncode(versionId)}`;
      const { text } = await call(
        what,
        {
          ...object,
          method: 'PUT',
          query: { partNumber: String(number), uploadId },
          headers: {
            'x-amz-content-sha256': NO_BODY,
            'x-amz-copy-source': `${from.bucket}/${encodedKey(from.key)}${version}`,
            'x-amz-copy-source-range': `bytes=${start}-${end - 1}`,
            ...(ifMatch !== undefined && { 'x-amz-copy-source-if-match': `"${ifMatch}"` }),
          },
          stalledAfterMs: SLOW_ANSWER_MS,
        },
        signal,
      );
      refuseErrorIn(what, text);
      return {
        number,
        etag: withoutQuotes(unescaped(required(what, elementIn(text, 'ETag'), 'ETag'))),
        size: end - start,
        crc64nvme: toHex(required(what, elementIn(text, 'ChecksumCRC64NVME'), 'CRC-64/NVME')),
      };
    },

    async complete({ uploadId, ...object }, parts, { size, crc64nvme }, signal) {
      const what = `COMPLETE ${object.bucket}/${object.key}`;
      const { text } = await call(
        what,
        {
          ...object,
          method: 'POST',
          query: { uploadId },
          headers: {
            'content-type': 'application/xml',
            'if-none-match': '*',
            'x-amz-checksum-crc64nvme': toBase64(crc64nvme),
            'x-amz-checksum-type': 'FULL_OBJECT',
            'x-amz-mp-object-size': String(size),
          },
          body: documentOf(parts),
          stalledAfterMs: SLOW_ANSWER_MS,
        },
        signal,
      );
      refuseErrorIn(what, text);
      required(what, elementIn(text, 'ETag'), 'ETag');
    },

    async abort({ uploadId, ...object }, signal) {
      const what = `ABORT UPLOAD ${object.bucket}/${object.key}`;
      try {
        await call(
          what,
          { ...object, method: 'DELETE', query: { uploadId }, headers: { 'x-amz-content-sha256': NO_BODY } },
          signal,
        );
      } catch (error) {
        if (!(error instanceof CallError) || error.code !== 'NoSuchUpload') throw error;
      }
    },
  };
}

function documentOf(parts: readonly UploadedPart[]): string {
  const elements = parts.map(
    ({ number, etag, crc64nvme }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag>` +
      `<ChecksumCRC64NVME>${toBase64(crc64nvme)}</ChecksumCRC64NVME></Part>`,
  );
  const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
  return `<CompleteMultipartUpload xmlns="${namespace}">${elements.join('')}</CompleteMultipartUpload>`;
}

/**
 * S3 sends the status 200 before a copy or a completion is done, so an error may follow as the body. Source: Amazon S3 API Reference,
 * "CompleteMultipartUpload".
 */
function refuseErrorIn(what: string, text: string): void {
  const document = errorDocumentIn(text);
  if (document === '') return;
  const code = elementIn(document, 'Code') ?? 'InternalError';
  const detail = elementIn(document, 'Message') ?? 'S3 reported an error after the status 200';
  throw new CallError(what, { outcome: outcomeOfError(200, code), code, status: 200, detail });
}

/** What a response must contain. Without it, S3 did not answer, and nothing is known. */
function required(what: string, value: string | undefined, name: string): string {
  if (value) return value;
  throw new CallError(what, { outcome: 'unknown', code: 'IncompleteResponse', detail: `it has no ${name}` });
}

function headerIn(headers: HttpResponse['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function withoutQuotes(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#34;', '"');
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
