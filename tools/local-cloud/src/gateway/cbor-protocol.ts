import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { cbor, dateToTag } from '@smithy/core/cbor';
import { translate } from './protocol.ts';

/*
 * Smithy RPC v2 CBOR, which current AWS CLIs and boto3 use for CloudWatch: `POST /service/…/operation/DescribeAlarms`.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */

/** Whether a request uses this protocol. */
export function isCbor({ headers }: IncomingMessage): boolean {
  return headers['smithy-protocol'] === 'rpc-v2-cbor';
}

/** Reads a call. @throws Error if the body is not CBOR */
export async function readCbor(request: IncomingMessage): Promise<{ operation: string; input: unknown }> {
  const operation = /\/operation\/([^/?]+)/.exec(request.url ?? '')?.[1] ?? '';
  const body = await buffer(request);
  return { operation, input: body.length === 0 ? {} : cbor.deserialize(body) };
}

/** Sends a document; times become tagged seconds. */
export function sendCbor(response: ServerResponse, status: number, document: object): void {
  const body = cbor.serialize(translate(document, { time: dateToTag }));
  response.writeHead(status, {
    'smithy-protocol': 'rpc-v2-cbor',
    'content-type': 'application/cbor',
    'content-length': body.byteLength,
  });
  response.end(body);
}
