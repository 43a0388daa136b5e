export { type ChecksumAlgorithm, checksumOf, type RunningChecksum, startChecksum } from './checksum.ts';
export { storedChecksum, type StoredChecksum } from './stored-checksum.ts';
export { combineCrc64, type Crc64Run, joinCrc64 } from './crc64-combine.ts';
export { measure, type Measured, startMeasuring } from './measure.ts';
