import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createCRC32, createCRC64, type IHasher } from 'hash-wasm';

/** The algorithms of the checksums that S3 stores; MD5 is for ETags. */
export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256' | 'md5';

/** An incremental checksum. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Returns lower-case hex. Call it once, after the last byte. */
  hex(): string;
}

/** Reversed polynomials, as hash-wasm expects them. */
const CASTAGNOLI = 0x82f63b78;
const NVME = '9a6c9329ac4bc9b5';

/** Starts a checksum. Several may run at the same time. */
export async function startChecksum(algorithm: ChecksumAlgorithm): Promise<RunningChecksum> {
  switch (algorithm) {
    case 'crc32':
      return runningCrc32();
    case 'crc32c':
    case 'crc64nvme':
      return running(await createHasher(algorithm));
    case 'sha1':
    case 'sha256':
    case 'md5': {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
    }
  }
}

/** WebAssembly instances, one per algorithm, for checksums that are computed in one call. */
const instances: Partial<Record<ChecksumAlgorithm, Promise<IHasher>>> = {};

/** The checksum of bytes in memory, in lower-case hex. */
export async function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Promise<string> {
  if (algorithm === 'crc32') return hex32(crc32(bytes));
  if (algorithm !== 'crc32c' && algorithm !== 'crc64nvme') return hash(algorithm, bytes, 'hex');
  const hasher = await (instances[algorithm] ??= createHasher(algorithm));
  // Do not await from here on: the instance is shared.
  return hasher.init().update(bytes).digest('hex');
}

function createHasher(algorithm: 'crc32c' | 'crc64nvme'): Promise<IHasher> {
  return algorithm === 'crc32c' ? createCRC32(CASTAGNOLI) : createCRC64(NVME);
}

function running(hasher: IHasher): RunningChecksum {
  hasher.init();
  return { update: (bytes) => void hasher.update(bytes), hex: () => hasher.digest('hex') };
}

function runningCrc32(): RunningChecksum {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    hex: () => hex32(value),
  };
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
