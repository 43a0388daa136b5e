import type { ObjectVersion } from '../s3-event/object-version.ts';

/** How the tar of a bundle is compressed. */
export const bundleFormats = ['tar.gz', 'tar.zst'] as const;
export type BundleFormat = (typeof bundleFormats)[number];

/** The contents of a bundle. It is stored before the bundle, so every visible bundle has one. */
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
    /**
     * The part of its members' keys that names their group, unsafe as a name. Absent if bundles are not divided into groups, and for the
     * members that belong to none.
     */
    group?: string;
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
   * What the content was verified by: the algorithm of S3's checksum (`crc64nvme`, …), `etag-md5`, or `none`. Absent in older
   * manifests, whose content was not verified; newer versions may add values.
   */
  verifiedBy?: string;
  /** The object's Last-Modified, ms since the epoch. */
  lastModified: number;
  /** The event time of S3's notification, ms since the epoch. */
  landedAt: number;
}
