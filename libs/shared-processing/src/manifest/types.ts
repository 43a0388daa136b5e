import type { ObjectVersion } from '../s3-event/object-version.ts';

/** How the tar of a bundle is compressed; `tar`: not at all. */
export const bundleFormats = ['tar.gz', 'tar.zst', 'tar'] as const;
export type BundleFormat = (typeof bundleFormats)[number];

/**
 * Checksums of content, lower-case hex; at least one. Bytes that S3 copied, and that no function has read, have only a CRC-64/NVME, which
 * is S3's own.
 */
export type Checksums = { sha256: string; crc64nvme?: string } | { sha256?: never; crc64nvme: string };

/** The contents of a bundle. It is stored before the bundle, so every visible bundle has one. */
export interface Manifest {
  bundle: {
    bucket: string;
    key: string;
    /** Size in bytes, compressed. */
    size: number;
    format: BundleFormat;
    /** ms since the epoch. */
    createdAt: number;
    /**
     * The part of its members' keys that names their group, unsafe as a name. Absent if bundles are not divided into groups, and for the
     * members that belong to none.
     */
    group?: string;
  } & Checksums;
  /** At least one, in the tar's order. */
  members: ManifestMember[];
}

/** One object version in a bundle. */
export type ManifestMember = DescribedMember & Checksums;

interface DescribedMember extends ObjectVersion {
  /** ETag without quotes. */
  etag: string;
  /** Path in the tar. */
  name: string;
  /** Size in bytes. */
  size: number;
  /**
   * What the content was verified by: the algorithm of S3's checksum (`crc64nvme`, …), `etag-md5`, or `none`. Absent in older
   * manifests, whose content was not verified; newer versions may add values.
   */
  verifiedBy?: string;
  /** The object's Last-Modified, ms since the epoch. */
  lastModified: number;
  /** The event time of S3's notification, ms since the epoch. */
  landedAt: number;
}
