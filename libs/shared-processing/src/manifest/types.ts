import type { ObjectVersion } from '../s3-event/object-version.ts';

/** How the tar of a bundle is compressed. */
export const bundleFormats = ['tar.gz', 'tar.zst'] as const;
export type BundleFormat = (typeof bundleFormats)[number];

/** What a bundle holds, stored before the bundle is: a bundle that can be seen can be explained. */
export interface Manifest {
  bundle: {
    bucket: string;
    key: string;
    /** Size in bytes, compressed. */
    size: number;
    /** SHA-256 of the bundle, hex. */
    sha256: string;
    format: BundleFormat;
    /** ms since the epoch. */
    createdAt: number;
  };
  /** At least one, in the tar's order. */
  members: ManifestMember[];
}

/** One object version in a bundle. */
export interface ManifestMember extends ObjectVersion {
  /** ETag without quotes. */
  etag: string;
  /** Path in the tar. */
  name: string;
  /** Size in bytes. */
  size: number;
  /** SHA-256 of the content, hex. */
  sha256: string;
  /**
   * What the content was compared with when it was read: the algorithm of S3's checksum (`crc64nvme`, …), `etag-md5`, or `none`.
   * Absent in manifests of before it was compared; later versions may know other words.
   */
  verifiedBy?: string;
  /** The object's Last-Modified, ms since the epoch. */
  lastModified: number;
  /** The event time of S3's notification, ms since the epoch. */
  landedAt: number;
}
