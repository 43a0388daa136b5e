export { type ChecksumAlgorithm, checksumOf, type RunningChecksum, startChecksum } from './checksum.ts';
export { storedChecksum, type StoredChecksum } from './stored-checksum.ts';
