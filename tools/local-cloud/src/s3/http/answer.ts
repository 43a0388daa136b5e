import { errorDocument, xmlDocument, type XmlNode } from './xml.ts';
import type { S3Error } from '../errors.ts';
import type { RequestIds } from './request.ts';

/** The response of an operation. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: AnswerBody;
}

export type AnswerBody =
  | { kind: 'none' }
  | { kind: 'whole'; content: string | Buffer }
  /** `release` is called when reading has ended or never started. */
  | { kind: 'stream'; chunks: AsyncIterable<Buffer>; release: () => void };

export function emptyAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: { kind: 'none' } };
}

export function xmlAnswer(root: XmlNode, headers: Record<string, string> = {}): Answer {
  return textAnswer(200, headers, xmlDocument(root));
}

/** The response for an error. It has no body for HEAD, and none for status 304. */
export function errorAnswer(error: S3Error, method: string, ids: RequestIds): Answer {
  if (method === 'HEAD' || error.status === 304) return emptyAnswer(error.status, error.headers);
  const details = { Code: error.code, Message: error.message, ...error.details };
  const text = errorDocument({ ...details, RequestId: ids.requestId, HostId: ids.hostId });
  return textAnswer(error.status, error.headers, text);
}

function textAnswer(status: number, headers: Record<string, string>, text: string): Answer {
  const length = String(Buffer.byteLength(text));
  return {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': length, ...headers },
    body: { kind: 'whole', content: text },
  };
}
