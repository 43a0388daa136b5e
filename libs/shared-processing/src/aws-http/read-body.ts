/** More than DynamoDB's largest item, 400 KB, takes in JSON and base64. */
const MAX_BYTES = 1024 ** 2;

/** The text of an answer that is known to be short. @throws where the connection breaks, or the answer is not short */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    // Copied, since it may be lent only.
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
