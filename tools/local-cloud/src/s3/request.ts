import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { parseAddress } from './address.ts';
import { callerOf } from './caller.ts';
import { percentDecode } from './decode.ts';

/** A request as far as every operation wants it read. */
export interface S3Request {
  raw: IncomingMessage;
  method: string;
  /** Undefined where the request is to the service itself. */
  bucket: string | undefined;
  /** Undefined where the request is to a bucket. */
  key: string | undefined;
  /** Decoded; those of the signature are left out. */
  query: ReadonlyMap<string, string>;
  header(name: string): string | undefined;
  /** Undefined where the request is not signed. */
  accessKeyId: string | undefined;
  secureTransport: boolean;
  sourceIp: string;
  ids: RequestIds;
}

/** What S3 calls this request in its answer and in events. */
export interface RequestIds {
  requestId: string;
  hostId: string;
}

export function newRequestIds(): RequestIds {
  return {
    requestId: randomBytes(8).toString('hex').toUpperCase(),
    hostId: randomBytes(24).toString('base64'),
  };
}

/** @throws S3Error InvalidURI, KeyTooLongError */
export function parseRequest(raw: IncomingMessage, ids: RequestIds): S3Request {
  const [path = '', search = ''] = splitOnce(raw.url ?? '/', '?');
  const header = (name: string): string | undefined => {
    const value = raw.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  const query = parseQuery(search);
  return {
    raw,
    method: raw.method ?? 'GET',
    ...parseAddress(path, raw.headers.host ?? ''),
    query: new Map([...query].filter(([name]) => !isPartOfSignature(name))),
    header,
    accessKeyId: callerOf(header('authorization'), query),
    secureTransport: raw.socket instanceof TLSSocket,
    sourceIp: raw.socket.remoteAddress ?? '127.0.0.1',
    ids,
  };
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

/** Presigned URLs carry their signature in the query, and the SDK the operation's name, as `x-id`. */
function isPartOfSignature(name: string): boolean {
  return (
    /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|user-agent)$/i.test(
      name,
    ) || name === 'x-id'
  );
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
