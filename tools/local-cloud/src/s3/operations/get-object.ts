import { type Answer, emptyAnswer } from '../http/answer.ts';
import { checkReadable } from '../objects/archive.ts';
import { bytesInMemory } from '../objects/blobs.ts';
import type { Checksum } from '../objects/checksums.ts';
import { checkReadConditions } from '../objects/conditions.ts';
import { S3Error } from '../errors.ts';
import { headerValue, type S3Request } from '../http/request.ts';
import { findObject } from '../objects/lookup.ts';
import type { ObjectVersion } from '../model.ts';
import { checksumHeaders, objectHeaders } from '../objects/object-headers.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import { findPart, parsePartNumber } from '../objects/parts.ts';
import { type ByteRange, parseRange } from '../http/range.ts';

const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
/** Response headers that a signed URL can override. */
const REPLACED_BY_QUERY = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];
const reading = {
  query: ['versionId', 'partNumber', ...REPLACED_BY_QUERY],
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
    const content = bytesInMemory(blob, start, end);
    if (content !== undefined) return { ...answer, body: { kind: 'whole', content } };
    const { blobs } = call.service;
    const release = blobs.hold(blob);
    return { ...answer, body: { kind: 'stream', chunks: blobs.read(blob, start, end), release } };
  },
};

function describe(call: ObjectCall): { object: ObjectVersion; start: number; end: number; answer: Answer } {
  const { request, service, bucket } = call;
  const object = findObject(call, bucket, call.key, request.query.get('versionId'));
  checkReadConditions(request.header, object);
  const selection = select(request, object);
  const { start, end } = selection;
  const wantsChecksum = request.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(object, bucket, service.clock()),
    ...(wantsChecksum ? checksumHeaders(selection) : {}),
    ...replacedHeaders(request.query),
    'content-length': String(end - start),
    ...selection.headers,
  };
  return { object, start, end, answer: emptyAnswer(selection.status, headers) };
}

interface Selection extends ByteRange {
  status: 200 | 206;
  headers: Record<string, string>;
  /** Only if it covers exactly these bytes, because the client compares it with them. */
  checksum: Checksum | undefined;
}

/** What the request asks for: the whole object, a byte range, or one part. */
function select({ header, query }: S3Request, object: ObjectVersion): Selection {
  const { size } = object.blob;
  const number = query.get('partNumber');
  const contentRange = ({ start, end }: ByteRange): Record<string, string> =>
    start === end ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` };
  if (number !== undefined) {
    if (header('range') !== undefined) {
      const message = 'Cannot specify both Range header and partNumber query parameter';
      throw new S3Error('InvalidRequest', { message });
    }
    const part = findPart(object, parsePartNumber(number));
    const count = part.partsCount === undefined ? {} : { 'x-amz-mp-parts-count': String(part.partsCount) };
    return { ...part, status: 206, headers: { ...contentRange(part), ...count } };
  }
  const range = parseRange(header('range'), size);
  if (range !== undefined)
    return { ...range, status: 206, headers: contentRange(range), checksum: undefined };
  return { start: 0, end: size, status: 200, headers: {}, checksum: object.checksum };
}

function replacedHeaders(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const parameter of REPLACED_BY_QUERY) {
    const value = query.get(parameter);
    if (value !== undefined) headers[parameter.slice('response-'.length)] = headerValue(parameter, value);
  }
  return headers;
}
