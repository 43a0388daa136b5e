import { S3Error } from '../errors.ts';
import { randomIdBytes } from '../random-bytes.ts';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { parseAddress, percentDecode } from './address.ts';
import { callerOf, type ChunkSignatures, type Sender } from './caller.ts';

/** The parsed parts of a request that all operations need. */
export interface S3Request {
  raw: IncomingMessage;
  method: string;
  /** Undefined if the request is for the service itself. */
  bucket: string | undefined;
  /** Undefined if the request is for a bucket. */
  key: string | undefined;
  /** Decoded; without parameters that represent headers or belong to the signature. */
  query: ReadonlyMap<string, string>;
  /** Names in lower case; includes the `x-amz-` headers in a signed URL's query. */
  headers: ReadonlyMap<string, string>;
  header(name: string): string | undefined;
  /** Undefined if the request is not signed. */
  accessKeyId: string | undefined;
  /** Undefined if the chunks of the body are not signed, or not verified. */
  chunkSignatures: ChunkSignatures | undefined;
  secureTransport: boolean;
  sourceIp: string;
  ids: RequestIds;
}

/** Request id in responses and events. */
export interface RequestIds {
  requestId: string;
  hostId: string;
}

export function newRequestIds(): RequestIds {
  return {
    requestId: randomIdBytes(8).toString('hex').toUpperCase(),
    hostId: randomIdBytes(24).toString('base64'),
  };
}

/** @throws S3Error InvalidURI, KeyTooLongError, InvalidArgument */
export function parseRequest(raw: IncomingMessage, ids: RequestIds, sender?: Sender): S3Request {
  const [path = '', search = ''] = splitOnce(raw.url ?? '/', '?');
  const query = parseQuery(search);
  const headers = parseHeaders(raw, query);
  const header = (name: string) => headers.get(name);
  return {
    raw,
    method: raw.method ?? 'GET',
    ...parseAddress(path, raw.headers.host ?? ''),
    query: new Map([...query].filter(([name]) => !STANDS_FOR_HEADER.test(name) && name !== SDK_OPERATION)),
    headers,
    header,
    accessKeyId: sender?.kind === 'known' ? sender.accessKeyId : callerOf(header('authorization'), query),
    chunkSignatures: sender?.kind === 'known' ? sender.chunks : undefined,
    secureTransport: raw.socket instanceof TLSSocket,
    sourceIp: raw.socket.remoteAddress ?? '127.0.0.1',
    ids,
  };
}

const STANDS_FOR_HEADER = /^x-amz-/i;
const OF_SIGNATURE = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature)$/i;
/** The SDK adds its operation's name to the query, for logs. */
const SDK_OPERATION = 'x-id';

function parseHeaders(raw: IncomingMessage, query: ReadonlyMap<string, string>): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of query) {
    if (!STANDS_FOR_HEADER.test(name) || OF_SIGNATURE.test(name)) continue;
    headers.set(name.toLowerCase(), headerValue(name, value));
  }
  for (const [name, value] of Object.entries(raw.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return headers;
}

function parseQuery(search: string): Map<string, string> {
  const pairs = search.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', value = ''] = splitOnce(pair, '=');
      return [percentDecode(name.replaceAll('+', ' ')), percentDecode(value.replaceAll('+', ' '))];
    }),
  );
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Checks a query value that becomes a header value.
 *
 * @throws S3Error InvalidArgument if it contains characters that are invalid in a header
 */
export function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new S3Error('InvalidArgument', { message: `The value of ${name} is not a valid header value.` });
}

/**
 * A query parameter that is a count or a position: 0 to 2,147,483,647.
 *
 * @throws S3Error InvalidArgument
 */
export function countParameter(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text);
  throw new S3Error('InvalidArgument', {
    message: `Provided ${name} not an integer or within integer range`,
    details: { ArgumentName: name, ArgumentValue: text },
  });
}
