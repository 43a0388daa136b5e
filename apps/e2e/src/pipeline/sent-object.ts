import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';

/** An object version that was put into landing, with what it must look like when it comes out. */
export interface SentObject extends ObjectVersion {
  /** Bytes. */
  size: number;
  /** SHA-256 of the source's bytes, hex. */
  sha256: string;
}
