import { type Answer, emptyAnswer } from '../answer.ts';
import { checkReadable } from '../archive.ts';
import { checkReadConditions } from '../conditions.ts';
import { headerValue } from '../header-value.ts';
import { findObject } from '../lookup.ts';
import type { ObjectVersion } from '../model.ts';
import { checksumHeaders, objectHeaders } from '../object-headers.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import { parseRange } from '../range.ts';

const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
/** Response headers that a signed URL may replace. */
const REPLACED_BY_QUERY = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];
const reading = {
  query: ['versionId', ...REPLACED_BY_QUERY],
  conditions: CONDITIONS,
  actions: ({ query }) => [query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject'],
} as const satisfies Partial<Operation>;

export const headObject: Operation = {
  ...reading,
  name: 'HeadObject',
  method: 'HEAD',
  on: 'object',
  run: (call) => describe(call).answer,
};

export const getObject: Operation = {
  ...reading,
  name: 'GetObject',
  method: 'GET',
  on: 'object',
  run(call) {
    const { object, start, end, answer } = describe(call);
    checkReadable(object, call.service.clock());
    const { blob } = object;
    if (blob.kind === 'memory')
      return { ...answer, body: { kind: 'whole', content: blob.bytes.subarray(start, end) } };
    const { blobs } = call.service;
    const release = blobs.hold(blob);
    return { ...answer, body: { kind: 'stream', chunks: blobs.read(blob, start, end), release } };
  },
};

function describe(call: ObjectCall): { object: ObjectVersion; start: number; end: number; answer: Answer } {
  const { request, service, bucket } = call;
  const object = findObject(call, bucket, call.key, request.query.get('versionId'));
  checkReadConditions(request.header, object);
  const { size } = object.blob;
  const range = parseRange(request.header('range'), size);
  const { start, end } = range ?? { start: 0, end: size };
  // The stored checksum is of the whole: a client would hold it against the part it gets.
  const wantsChecksum =
    range === undefined && request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(object, bucket, service.clock()),
    ...(wantsChecksum ? checksumHeaders(object) : {}),
    ...replacedHeaders(request.query),
    'content-length': String(end - start),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  };
  return { object, start, end, answer: emptyAnswer(range === undefined ? 200 : 206, headers) };
}

function replacedHeaders(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const parameter of REPLACED_BY_QUERY) {
    const value = query.get(parameter);
    if (value !== undefined) headers[parameter.slice('response-'.length)] = headerValue(parameter, value);
  }
  return headers;
}
