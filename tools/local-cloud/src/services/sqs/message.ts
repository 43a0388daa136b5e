import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';

export const messageAttribute = v.strictObject({
  DataType: v.pipe(
    v.string(),
    v.regex(/^(String|Number|Binary)(\..+)?$/, 'must be String, Number or Binary'),
  ),
  StringValue: v.optional(v.string()),
  BinaryValue: v.optional(v.string()),
});
export type MessageAttributes = Readonly<Record<string, v.InferOutput<typeof messageAttribute>>>;

/** A message, in whichever queue it is. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  /** Milliseconds since the epoch. A move to a dead-letter queue does not change it. */
  readonly sentAt: number;
  receiveCount: number;
  /** Milliseconds since the epoch; undefined until the first receive. */
  firstReceivedAt: number | undefined;
  /** ARN of the queue that SQS moved the message from, to this dead-letter queue. */
  deadLetterSource: string | undefined;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string | undefined;
  readonly groupId?: string | undefined;
}

export function createMessage(
  { body, attributes, traceHeader, groupId }: NewMessage,
  sentAt: number,
): StoredMessage {
  return {
    id: randomUUID(),
    body,
    bodyMd5: createHash('md5').update(body).digest('hex'),
    attributes,
    traceHeader,
    groupId,
    sentAt,
    receiveCount: 0,
    firstReceivedAt: undefined,
    deadLetterSource: undefined,
  };
}

/**
 * Bytes of a message as SQS counts them: its body, and the name, type and value of each attribute.
 * Source: "Amazon SQS message metadata" (Amazon SQS Developer Guide).
 */
export function sizeOf({ body, attributes }: NewMessage): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      Buffer.byteLength(StringValue ?? '') +
      Buffer.byteLength(BinaryValue ?? '', 'base64'),
    Buffer.byteLength(body),
  );
}

/** Undefined if there are no attributes. Source: "Calculating the MD5 message digest for message attributes" (Amazon SQS Developer Guide). */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType = '', StringValue = '', BinaryValue = '' } = attributes[name] ?? {};
    const isBinary = DataType.startsWith('Binary');
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add(isBinary ? Buffer.from(BinaryValue, 'base64') : Buffer.from(StringValue));
  }
  return hash.digest('hex');
}
