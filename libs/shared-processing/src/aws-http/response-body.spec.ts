import { Readable } from 'node:stream';
import { readBody, releaseAfterUse } from './response-body.ts';

async function* bodyOf(...chunks: Buffer[]) {
  yield* chunks;
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

describe('readBody', () => {
  it('decodes a character that is split between chunks', async () => {
    const bytes = Buffer.from('añb');
    await expect(readBody(Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]))).resolves.toBe('añb');
  });

  it('rejects an endless body, and closes it', async () => {
    const endless = new Readable({ read: () => void endless.push(Buffer.alloc(65_536)) });
    await expect(readBody(endless)).rejects.toThrow('longer than 1048576 bytes');
    expect(endless.destroyed).toBe(true);
  });
});

describe('releaseAfterUse', () => {
  const shared = Buffer.allocUnsafeSlow(10);

  it('releases chunks that own their memory, and keeps chunks that are part of a larger piece', async () => {
    const larger = Buffer.allocUnsafeSlow(10).fill(1);
    const chunks = await collect(
      releaseAfterUse(bodyOf(Buffer.allocUnsafeSlow(5), larger.subarray(2, 6)), shared.buffer),
    );
    expect(chunks.map(({ length }) => length)).toEqual([0, 4]);
    expect(larger).toHaveLength(10);
  });

  it('rejects a chunk of the shared read buffer', async () => {
    const body = releaseAfterUse(bodyOf(Buffer.from('first'), shared.subarray(0, 3)), shared.buffer);
    await expect(collect(body)).rejects.toThrow('the shared read buffer');
  });
});
