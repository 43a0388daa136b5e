import { createHash, randomBytes } from 'node:crypto';

/** Varied JSON lines, which deflate at least halves. */
export function text(bytes: number, seed = 1): Buffer {
  const lines: string[] = [];
  for (let length = 0, line = 0; length < bytes; line += 1) {
    const id = createHash('md5').update(`${seed}/${line}`).digest('hex').slice(0, 6);
    const json = JSON.stringify({ id, line, device: `sensor-${line % 7}`, status: 'ok', value: line * 1.5 });
    lines.push(json);
    length += json.length + 1;
  }
  return Buffer.from(lines.join('\n')).subarray(0, bytes);
}

/** Incompressible bytes. */
export const noise = (bytes: number): Buffer => randomBytes(bytes);

/** Splits bytes into pieces, as a network delivers them. */
export function pieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += length)
    result.push(bytes.subarray(start, start + length));
  return result;
}
