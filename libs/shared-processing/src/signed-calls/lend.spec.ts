import { lend } from './lend.ts';

async function* bodyOf(...chunks: Buffer[]) {
  yield* chunks;
}

async function take(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

describe('lend', () => {
  const shared = Buffer.allocUnsafeSlow(10);

  it('frees what has memory of its own, and leaves what is part of something larger', async () => {
    const larger = Buffer.allocUnsafeSlow(10).fill(1);
    const chunks = await take(lend(bodyOf(Buffer.allocUnsafeSlow(5), larger.subarray(2, 6)), shared.buffer));
    expect(chunks.map(({ length }) => length)).toEqual([0, 4]);
    expect(larger).toHaveLength(10);
  });

  it('hands nothing on that will be read into again', async () => {
    const body = lend(bodyOf(Buffer.from('first'), shared.subarray(0, 3)), shared.buffer);
    await expect(take(body)).rejects.toThrow('memory that is read into again');
  });
});
