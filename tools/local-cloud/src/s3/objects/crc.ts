import { crc32 } from 'node:zlib';

/* Loops over bytes use an index: `for … of` over a Uint8Array takes four times as long. */

/** A running checksum. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  /** Big-endian bytes, as S3 writes them before base64. */
  digest(): Buffer;
}

export function runningCrc32(): RunningCrc {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: () => bytes32(value),
  };
}

/** CRC-32C (Castagnoli), bit-reflected. */
export function runningCrc32c(): RunningCrc {
  const table = table32c();
  let crc = 0xffffffff;
  return {
    update(chunk) {
      for (let i = 0; i < chunk.length; i++) {
        crc = (table[(crc ^ (chunk[i] as number)) & 0xff] as number) ^ (crc >>> 8);
      }
    },
    digest: () => bytes32(crc ^ 0xffffffff),
  };
}

/** CRC-64/NVME, bit-reflected, held as two 32-bit halves because BigInt is some fifty times slower. */
export function runningCrc64nvme(): RunningCrc {
  const { high: highs, low: lows } = table64();
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      for (let i = 0; i < chunk.length; i++) {
        const index = (low ^ (chunk[i] as number)) & 0xff;
        low = (lows[index] as number) ^ ((low >>> 8) | (high << 24));
        high = (highs[index] as number) ^ (high >>> 8);
      }
    },
    digest: () => Buffer.concat([bytes32(high ^ 0xffffffff), bytes32(low ^ 0xffffffff)]),
  };
}

function bytes32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

const table32c = once(() =>
  Int32Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  }),
);

const table64 = once(() => {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let index = 0; index < 256; index++) {
    let crc = BigInt(index);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
    high[index] = Number(crc >> 32n);
    low[index] = Number(crc & 0xffffffffn);
  }
  return { high, low };
});

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
