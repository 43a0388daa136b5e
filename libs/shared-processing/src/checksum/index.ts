export { type ChecksumAlgorithm, checksumOf, type RunningChecksum, startChecksum } from './compute.ts';
export { storedChecksum, type StoredChecksum } from './stored-checksum.ts';
