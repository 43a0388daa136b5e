/**
 * A body's chunks, each only lent: it is the taker's until it asks for the next, and is then freed at once instead of by
 * the next garbage collection. V8 decides by such memory when to collect, and would do so every few MB.
 *
 * @param never memory that no chunk may be part of, since it is read into again
 */
export async function* lend(
  body: AsyncIterable<Buffer>,
  never: ArrayBufferLike,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    const memory = chunk.buffer;
    if (memory === never) throw new Error('the body lies in memory that is read into again');
    yield chunk;
    // A part of a larger piece may share it with others.
    if (memory instanceof ArrayBuffer && memory.byteLength === chunk.byteLength) memory.transfer(0);
  }
}
