export { type ByteRange, copyRanges } from './copy-ranges.ts';
export {
  type CopyRange,
  createMultipartStore,
  MAX_PART_BYTES,
  MAX_PARTS,
  MIN_PART_BYTES,
  type MultipartStore,
  type Upload,
  type UploadedPart,
} from './multipart-store.ts';
export {
  createObjectListing,
  type ListedObject,
  type ListedVersion,
  type ListingStart,
  NO_VERSION,
  type ObjectListing,
  type VersionMarker,
} from './object-listing.ts';
export type { KeyState, ObjectRequest, ObjectStore, ReceivedObject, StoredObject } from './object-store.ts';
export { readBytes, readTextObject, type TextObject, TOO_LARGE } from './read-bytes.ts';
export { createObjectStore, createS3Client, type S3ConnectionOptions } from './sdk-object-store.ts';
export { createSignedObjectStore } from './signed-object-store.ts';
export { createSignedS3 } from './signed-s3.ts';
export { type RetainedVersion, versionsOfKey } from './versions-of-key.ts';
