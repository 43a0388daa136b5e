/** The HTTP parser handed on the shared read buffer instead of a copy, so the bytes may be overwritten already. */
export class SharedBufferError extends Error {
  override readonly name = 'SharedBufferError';
}

/**
 * Iterates over the chunks of a body. A chunk is valid until the next one is requested; its memory is then released at once
 * instead of by the next garbage collection. V8 schedules collections by the amount of such memory, and would run one every few
 * megabytes.
 *
 * @param shared memory that is read into again, which no chunk may be part of; undefined if there is none
 * @throws SharedBufferError before such a chunk is handed on
 */
export async function* releaseAfterUse(
  body: AsyncIterable<Buffer>,
  shared: ArrayBufferLike | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    const memory = chunk.buffer;
    if (memory === shared) throw new SharedBufferError('the HTTP parser handed on the shared read buffer');
    yield chunk;
    // A chunk that is part of a larger piece may share it with other chunks.
    if (memory instanceof ArrayBuffer && memory.byteLength === chunk.byteLength) memory.transfer(0);
  }
}
