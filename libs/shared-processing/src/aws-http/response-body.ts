/** The limit for a short response. DynamoDB's largest item (400 KB) needs less, even as JSON and base64. */
const MAX_TEXT_BYTES = 1024 ** 2;

/**
 * Reads a short response body as text.
 *
 * @throws Error if the connection breaks or the body is longer than 1 MiB
 */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    // Copied, because the chunk may be detached when the next one is requested.
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MAX_TEXT_BYTES) throw new Error(`the response is longer than ${MAX_TEXT_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The HTTP parser passed on the shared read buffer instead of a copy, so its bytes may be overwritten already. */
export class SharedBufferError extends Error {
  override readonly name = 'SharedBufferError';
}

/**
 * Iterates over the chunks of a body. A chunk is valid until the next one is requested. Its memory is then released
 * immediately instead of by the garbage collector, which V8 would otherwise run every few megabytes.
 *
 * @param shared the shared read buffer's memory, which no chunk may be part of; undefined if there is none
 * @throws SharedBufferError instead of yielding a chunk of the shared buffer
 */
export async function* releaseAfterUse(
  body: AsyncIterable<Buffer>,
  shared: ArrayBufferLike | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    const memory = chunk.buffer;
    if (memory === shared) throw new SharedBufferError('the HTTP parser passed on the shared read buffer');
    yield chunk;
    // A chunk that is only part of an ArrayBuffer may share it with other chunks.
    if (memory instanceof ArrayBuffer && memory.byteLength === chunk.byteLength) memory.transfer(0);
  }
}
