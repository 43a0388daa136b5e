import {
  CopyObjectCommand,
  HeadObjectCommand,
  RestoreObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CallError, toCallError } from '@data-aggregator/shared-processing/errors';
import type { RestoreTier } from './request.ts';

/** The state of a bundle in the archive. */
export type ArchivedState =
  | { kind: 'absent' }
  /** It is in an archive storage class and must be restored first. */
  | { kind: 'archived'; storageClass: ArchiveStorageClass }
  | { kind: 'restoring'; storageClass: ArchiveStorageClass }
  | {
      kind: 'readable';
      size: number;
      /** ETag without quotes. */
      etag: string;
      /** SHA-256 that S3 stores with the object, hex; undefined if it stores none. */
      sha256: string | undefined;
      /** CRC-64/NVME of the whole object, hex; undefined if S3 stores none. */
      crc64nvme: string | undefined;
    };

export type ArchiveStorageClass = 'GLACIER' | 'DEEP_ARCHIVE';

export interface Copy {
  from: { bucket: string; key: string; etag: string };
  to: { bucket: string; key: string };
}

/** The operations on S3 for replays. Every call is one attempt and throws CallError. */
export interface ReplayStore {
  stateOf(bucket: string, key: string): Promise<ArchivedState>;
  /** Starts to restore an object for the given days. Succeeds if a restore is already in progress. */
  restore(bucket: string, key: string, wanted: { days: number; tier: RestoreTier }): Promise<void>;
  /**
   * Copies an object of up to 5 GiB if it is unchanged and the target key has no object.
   *
   * @returns SHA-256 of the written bytes, hex
   */
  copy(copy: Copy): Promise<string>;
}

/** Creates the replay store over the AWS SDK. */
export function createReplayStore(client: S3Client): ReplayStore {
  return {
    async stateOf(bucket, key) {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
      const answer = await client.send(command).catch((error: unknown) => {
        const failure = toCallError(`HEAD ${bucket}/${key}`, error);
        if (failure.status === 404 && failure.outcome === 'refused') return undefined;
        throw failure;
      });
      if (!answer) return { kind: 'absent' };
      const { StorageClass: storageClass, Restore: restore } = answer;
      const { ChecksumSHA256: sha256, ChecksumCRC64NVME: crc64nvme } = answer;
      if (isArchived(storageClass) && !restore?.includes('ongoing-request="false"')) {
        return { kind: restore === undefined ? 'archived' : 'restoring', storageClass };
      }
      return {
        kind: 'readable',
        size: answer.ContentLength ?? 0,
        etag: (answer.ETag ?? '').replaceAll('"', ''),
        sha256: sha256 === undefined ? undefined : hex(sha256),
        crc64nvme: crc64nvme === undefined ? undefined : hex(crc64nvme),
      };
    },

    async restore(bucket, key, { days, tier }) {
      const command = new RestoreObjectCommand({
        Bucket: bucket,
        Key: key,
        RestoreRequest: { Days: days, GlacierJobParameters: { Tier: tier } },
      });
      try {
        await client.send(command);
      } catch (thrown) {
        const error = toCallError(`RESTORE ${bucket}/${key}`, thrown);
        if (error.code !== 'RestoreAlreadyInProgress') throw error;
      }
    },

    async copy({ from, to }) {
      const what = `COPY ${from.bucket}/${from.key} to ${to.bucket}/${to.key}`;
      const command = new CopyObjectCommand({
        Bucket: to.bucket,
        Key: to.key,
        CopySource: `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
        CopySourceIfMatch: `"${from.etag}"`,
        IfNoneMatch: '*',
        ChecksumAlgorithm: 'SHA256',
      });
      const answer = await client.send(command).catch((error: unknown) => {
        throw toCallError(what, error);
      });
      const sha256 = answer.CopyObjectResult?.ChecksumSHA256;
      if (sha256 === undefined) {
        throw new CallError(what, {
          outcome: 'unknown',
          code: 'NoChecksum',
          detail: 'S3 returned no SHA-256',
        });
      }
      return hex(sha256);
    },
  };
}

function isArchived(storageClass: string | undefined): storageClass is ArchiveStorageClass {
  return storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
