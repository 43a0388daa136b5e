import { releaseAfterUse } from './release-after-use.ts';

async function* bodyOf(...chunks: Buffer[]) {
  yield* chunks;
}

async function take(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

describe('releaseAfterUse', () => {
  const shared = Buffer.allocUnsafeSlow(10);

  it('releases chunks that own their memory, and keeps chunks that are part of a larger piece', async () => {
    const larger = Buffer.allocUnsafeSlow(10).fill(1);
    const chunks = await take(
      releaseAfterUse(bodyOf(Buffer.allocUnsafeSlow(5), larger.subarray(2, 6)), shared.buffer),
    );
    expect(chunks.map(({ length }) => length)).toEqual([0, 4]);
    expect(larger).toHaveLength(10);
  });

  it('rejects a chunk in memory that is read into again', async () => {
    const body = releaseAfterUse(bodyOf(Buffer.from('first'), shared.subarray(0, 3)), shared.buffer);
    await expect(take(body)).rejects.toThrow('the shared read buffer');
  });
});
