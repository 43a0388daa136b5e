import { startChecksum } from './checksum.ts';

/** What is known about bytes that have passed. */
export interface Measured {
  size: number;
  /** Hex. */
  sha256: string;
  /** Hex. */
  crc64nvme: string;
}

/** Measures bytes as they pass. */
export async function startMeasuring(): Promise<{ update(bytes: Uint8Array): void; result(): Measured }> {
  const sha256 = await startChecksum('sha256');
  const crc64nvme = await startChecksum('crc64nvme');
  let size = 0;
  return {
    update(bytes) {
      sha256.update(bytes);
      crc64nvme.update(bytes);
      size += bytes.length;
    },
    result: () => ({ size, sha256: sha256.hex(), crc64nvme: crc64nvme.hex() }),
  };
}

/** Measures a stream to its end. */
export async function measure(bytes: AsyncIterable<Uint8Array>): Promise<Measured> {
  const measuring = await startMeasuring();
  for await (const chunk of bytes) measuring.update(chunk);
  return measuring.result();
}
