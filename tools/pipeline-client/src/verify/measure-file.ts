import { createReadStream, readFileSync, statSync } from 'node:fs';
import { checksumOf, measure, type Measured } from '@data-aggregator/shared-processing/checksum';

/** Larger files are streamed. */
const MAX_READ_AT_ONCE = 1024 ** 2;

/**
 * Size and checksums of a file's bytes. A small file is read at once and synchronously: for the thousands of files of a run, streams,
 * their buffers and a checksum's WebAssembly instance each cost far more than the bytes.
 *
 * @throws Error if it cannot be read
 */
export async function measureFile(path: string): Promise<Measured> {
  if (statSync(path).size > MAX_READ_AT_ONCE) {
    return measure(createReadStream(path, { highWaterMark: MAX_READ_AT_ONCE }));
  }
  const bytes = readFileSync(path);
  return {
    size: bytes.length,
    sha256: await checksumOf('sha256', bytes),
    crc64nvme: await checksumOf('crc64nvme', bytes),
  };
}
