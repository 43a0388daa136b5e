import { xmlAnswer } from '../http/answer.ts';
import { checksumNodes } from '../objects/checksums.ts';
import { checkReadConditions } from '../objects/conditions.ts';
import { S3Error } from '../errors.ts';
import { findObject } from '../objects/lookup.ts';
import type { ObjectPart, ObjectVersion } from '../model.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { Operation } from '../operation.ts';
import { pageOfParts } from '../objects/parts.ts';
import type { S3Request } from '../http/request.ts';
import type { XmlNode } from '../http/xml.ts';

/** The attributes that can be requested, in response order. */
const ATTRIBUTES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
type Attribute = (typeof ATTRIBUTES)[number];

/** @see "GetObjectAttributes" in the Amazon S3 API Reference */
export const getObjectAttributes: Operation = {
  name: 'GetObjectAttributes',
  method: 'GET',
  on: 'object',
  selectedBy: { attributes: true },
  query: ['versionId'],
  conditions: ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
  actions: ({ query }) =>
    query.has('versionId')
      ? ['s3:GetObjectVersion', 's3:GetObjectVersionAttributes']
      : ['s3:GetObject', 's3:GetObjectAttributes'],
  run(call) {
    const { bucket, key, request } = call;
    const wanted = parseAttributes(request.header('x-amz-object-attributes'));
    const object = findObject(call, bucket, key, request.query.get('versionId'));
    checkReadConditions(request.header, object);
    const attributes = ATTRIBUTES.filter((name) => wanted.has(name));
    return xmlAnswer(
      [
        'GetObjectAttributesResponse',
        attributes.map((name): XmlNode => [name, valueOf(name, object, request)]),
      ],
      {
        'last-modified': new Date(object.lastModified).toUTCString(),
        ...versionHeader(object, bucket),
      },
    );
  },
};

function parseAttributes(header: string | undefined): ReadonlySet<Attribute> {
  const names = (header ?? '').split(',').map((name) => name.trim());
  const known = names.flatMap((name) => ATTRIBUTES.find((attribute) => attribute === name) ?? []);
  if (known.length === names.length) return new Set(known);
  throw new S3Error('InvalidArgument', {
    message: 'Invalid attribute name specified.',
    details: { ArgumentName: 'x-amz-object-attributes', ArgumentValue: header ?? '' },
  });
}

/** Undefined if the object does not have it; the element is then omitted. */
function valueOf(name: Attribute, object: ObjectVersion, request: S3Request): XmlNode[1] {
  switch (name) {
    case 'ETag':
      return object.etag.replaceAll('"', ''); // Only here does S3 omit the quotes.
    case 'Checksum':
      return object.checksum && [...checksumNodes(object.checksum), ['ChecksumType', object.checksum.type]];
    case 'ObjectParts':
      return object.parts && describeParts(object.parts, request);
    case 'StorageClass':
      return object.storageClass;
    case 'ObjectSize':
      return object.blob.size;
  }
}

/** S3 lists parts only if they have checksums; otherwise only their number. */
function describeParts(parts: readonly ObjectPart[], { header }: S3Request): XmlNode[] {
  const count: XmlNode = ['PartsCount', parts.length];
  const page = pageOfParts(parts, {
    limit: header('x-amz-max-parts'),
    marker: header('x-amz-part-number-marker'),
  });
  if (parts.some(({ checksum }) => checksum === undefined)) return [count];
  const listed = page.parts.map(({ number, size, checksum }): XmlNode => [
    'Part',
    [['PartNumber', number], ['Size', size], ...checksumNodes(checksum)],
  ]);
  return [count, ...page.paging, ...listed];
}
