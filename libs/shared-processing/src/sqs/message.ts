/** The parts of an SQS message that functions use. */
export interface Message {
  messageId: string;
  body: string;
  /** Of this receive. Absent in a direct invocation. */
  receiptHandle?: string;
  attributes?: {
    /** How often SQS has delivered the message, including this time, in digits. */
    ApproximateReceiveCount?: string;
  };
}

/** A partial batch response: it names the messages that return to the queue. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** @param failed message ids; repetitions are dropped */
export function batchResponse(failed: Iterable<string>): BatchResponse {
  return { batchItemFailures: [...new Set(failed)].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** SQS's limit for a message: body and attributes together, in bytes of UTF-8. */
const MAX_MESSAGE_BYTES = 1024 ** 2;
/** More than our attributes need: the longest is cut to 1,000 characters, which are at most 3,000 bytes. */
const ATTRIBUTE_BYTES = 8 * 1024;
/** Maximum size of a body that leaves room for the attributes of a dead letter. */
const MAX_BODY_BYTES = MAX_MESSAGE_BYTES - ATTRIBUTE_BYTES;

/** Whether a body and our attributes fit into one message. */
export function fitsMessage(body: string): boolean {
  return Buffer.byteLength(body) <= MAX_BODY_BYTES;
}

/** A permanent failure. */
export interface DeadLetterContent {
  messageId: string;
  reason: string;
  detail: string;
  /** A message that this function would accept, so that a redrive is a plain move; or the malformed original. */
  body: string;
}

/**
 * The dead letter for a permanent failure. A body that does not fit next to the attributes is cut, and the attribute
 * `bodyBytes` says how long it was.
 */
export function deadLetter({ messageId, reason, detail, body }: DeadLetterContent) {
  const attributes = { reason, detail, messageId };
  if (fitsMessage(body)) return { body, attributes };
  const bytes = Buffer.from(body);
  // A character that the cut splits decodes as U+FFFD, which is dropped.
  const cut = bytes.toString('utf8', 0, MAX_BODY_BYTES).replace(/\ufffd+$/, '');
  const bodyBytes = `${bytes.length}, cut to fit next to the attributes`;
  return { body: cut, attributes: { ...attributes, bodyBytes } };
}
