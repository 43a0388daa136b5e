import { createHash } from 'node:crypto';
import { zipOf } from './zip.ts';

const code = Buffer.from('export const handler = async () => ({});\n');

describe('zipOf', () => {
  it('produces bytes that depend only on the contents', async () => {
    const hash = createHash('sha256')
      .update(await zipOf('index.mjs', code))
      .digest('hex');
    // A fixed hash, to notice if a library, a clock, a time zone or a processor changes the bytes.
    expect(hash).toBe('b09fb3e5fe753f60e2a8697a3b39e34eb3ce2b8a921889b234f7bced8eee3304');
  });

  it('contains the one file, unchanged and readable by everyone', async () => {
    const zip = await zipOf('index.mjs', code);
    const entry = zip.indexOf('PK\x01\x02', 0, 'latin1');
    expect(zip.includes(code)).toBe(true);
    expect(zip.readUInt16LE(zip.indexOf('PK\x05\x06', 0, 'latin1') + 10)).toBe(1);
    expect((zip.readUInt32LE(entry + 38) >>> 16).toString(8)).toBe('100644');
    expect(zip.toString('utf8', entry + 46, entry + 46 + zip.readUInt16LE(entry + 28))).toBe('index.mjs');
  });
});
