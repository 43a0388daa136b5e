import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { sqsError } from '../services/sqs.ts';
import { type Answer, jsonError } from './answer.ts';

/** The caller's protocol. Protocols with the same error format count as one. */
export type Protocol = 's3' | 'query' | 'ec2' | 'rest-xml' | 'json' | 'rest-json' | 'sqs-json';

const xmlOverRest: ReadonlySet<string> = new Set(['route53', 'cloudfront']);

/** Detects the protocol of a request. */
export function protocolOf({ headers }: IncomingMessage, service: string | undefined): Protocol {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.startsWith('AmazonSQS.') ? 'sqs-json' : 'json';
  if (isForm(headers['content-type'])) return service === 'ec2' ? 'ec2' : 'query';
  if (service === 's3') return 's3';
  return service !== undefined && xmlOverRest.has(service) ? 'rest-xml' : 'rest-json';
}

/** Whether a request sends parameters as a form, as in the query protocol. */
export function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType ?? '');
}

/** An error response in the caller's protocol. */
export function errorIn(protocol: Protocol, status: number, code: string, message: string): Answer {
  switch (protocol) {
    case 'json':
    case 'rest-json':
      return jsonError(status, code, message);
    case 'sqs-json':
      return sqsError(status, code, message);
    case 'query':
    case 'rest-xml':
      return queryError(status, code, message);
    case 's3': {
      const error = element('Code', code) + element('Message', message) + element('RequestId', randomUUID());
      return xmlAnswer(status, `<Error>${error}</Error>`);
    }
    case 'ec2': {
      const error = `<Error>${element('Code', code)}${element('Message', message)}</Error>`;
      const text = `<Response><Errors>${error}</Errors>${element('RequestID', randomUUID())}</Response>`;
      return xmlAnswer(status, text);
    }
  }
}

/** An error response of the query protocol. @param namespace XML namespace of the API, if its errors contain one */
export function queryError(status: number, code: string, message: string, namespace?: string): Answer {
  const xmlns = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  const type = element('Type', status >= 500 ? 'Receiver' : 'Sender');
  const error = `<Error>${type}${element('Code', code)}${element('Message', message)}</Error>`;
  return xmlAnswer(
    status,
    `<ErrorResponse${xmlns}>${error}${element('RequestId', randomUUID())}</ErrorResponse>`,
  );
}

/** An XML response. */
export function xmlAnswer(status: number, root: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${root}`,
  };
}

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * An XML element with text. Control characters are escaped as references, because a parser would turn a carriage return
 * into a line feed.
 */
export function element(name: string, text: string): string {
  // eslint-disable-next-line no-control-regex -- messages may hold any of them
  const escaped = text.replace(/[&<>"\u0000-\u001f\u007f]/g, (c) => named[c] ?? `&#${c.charCodeAt(0)};`);
  return `<${name}>${escaped}</${name}>`;
}

/** How a protocol writes JavaScript values that it has no type for. */
export interface Notation {
  readonly time: (time: Date) => unknown;
  /** Default: lists stay lists. */
  readonly list?: (items: readonly unknown[]) => unknown;
}

/** Copies a result into a protocol's notation. Undefined members are left out. */
export function translate(value: unknown, notation: Notation): unknown {
  const { time, list = (items) => items } = notation;
  if (value instanceof Date) return time(value);
  if (Array.isArray(value)) return list(value.map((item) => translate(item, notation)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, translate(member, notation)]),
  );
}
