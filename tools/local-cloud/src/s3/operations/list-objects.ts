import { listingContext } from '../access.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { S3Error } from '../errors.ts';
import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import { type Entry, listPage, type Place, placeOfEntry, placeOfMarker } from '../buckets/listing.ts';
import type { ObjectVersion } from '../model.ts';
import type { BucketCall, Operation } from '../operation.ts';
import { currentObject } from '../objects/versions.ts';
import type { XmlNode } from '../http/xml.ts';
import { type ListingQuery, parseListingQuery } from './listing-query.ts';

const listing = {
  method: 'GET',
  actions: () => ['s3:ListBucket'],
  context: ({ query }) => listingContext(query),
} as const satisfies Partial<Operation>;

export const listObjectsV2: Operation = {
  ...listing,
  name: 'ListObjectsV2',
  on: 'bucket',
  selectedBy: { 'list-type': '2' },
  query: [
    'prefix',
    'delimiter',
    'max-keys',
    'encoding-type',
    'continuation-token',
    'start-after',
    'fetch-owner',
  ],
  run(call) {
    const { query } = call.request;
    const token = query.get('continuation-token');
    const startAfter = query.get('start-after');
    const options = parseListingQuery(query);
    const from = token === undefined ? placeAfter(startAfter, options) : parseToken(token);
    const { entries, truncated } = page(call, options, from);
    const last = entries.at(-1);
    return answer(call, options, entries, query.get('fetch-owner') === 'true', [
      ['KeyCount', entries.length],
      ['IsTruncated', truncated],
      ['ContinuationToken', token],
      ['NextContinuationToken', truncated && last !== undefined ? makeToken(placeOfEntry(last)) : undefined],
      ['StartAfter', startAfter === undefined ? undefined : options.encode(startAfter)],
    ]);
  },
};

export const listObjects: Operation = {
  ...listing,
  name: 'ListObjects',
  on: 'bucket',
  query: ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'marker'],
  run(call) {
    const { query } = call.request;
    const marker = query.get('marker');
    const options = parseListingQuery(query);
    const { entries, truncated } = page(call, options, placeAfter(marker, options));
    const last = entries.at(-1);
    const next = truncated && options.delimiter !== '' && last !== undefined ? nameOf(last) : undefined;
    return answer(call, options, entries, true, [
      ['IsTruncated', truncated],
      ['Marker', options.encode(marker ?? '')],
      ['NextMarker', next === undefined ? undefined : options.encode(next)],
    ]);
  },
};

function page({ bucket }: BucketCall, options: ListingQuery, from: Place | undefined) {
  const objectsOf = (key: string) => currentObject(bucket, key) ?? [];
  return listPage(bucket.versions.sorted(), (key) => [objectsOf(key)].flat(), { ...options, from });
}

function placeAfter(marker: string | undefined, { prefix, delimiter }: ListingQuery): Place | undefined {
  return marker === undefined || marker === '' ? undefined : placeOfMarker(marker, prefix, delimiter);
}

function answer(
  call: BucketCall,
  options: ListingQuery,
  entries: Entry<ObjectVersion>[],
  withOwner: boolean,
  paging: XmlNode[],
): Answer {
  const owner: XmlNode = ['Owner', withOwner ? [['ID', call.service.accountId]] : undefined];
  return xmlAnswer([
    'ListBucketResult',
    [
      ['Name', call.bucket.name],
      ['Prefix', options.encode(options.prefix)],
      ['Delimiter', options.delimiter === '' ? undefined : options.encode(options.delimiter)],
      ['MaxKeys', options.limit],
      ['EncodingType', options.encode === encodeKey ? 'url' : undefined],
      ...paging,
      ...entries.map((entry): XmlNode =>
        entry.kind === 'prefix'
          ? ['CommonPrefixes', [['Prefix', options.encode(entry.prefix)]]]
          : ['Contents', [...describe(entry.item, options), owner]],
      ),
    ],
  ]);
}

function describe(object: ObjectVersion, { encode }: ListingQuery): XmlNode[] {
  return [
    ['Key', encode(object.key)],
    ['LastModified', new Date(object.lastModified).toISOString()],
    ['ETag', object.etag],
    ['ChecksumAlgorithm', object.checksum?.algorithm],
    ['ChecksumType', object.checksum?.type],
    ['Size', object.blob.size],
    ['StorageClass', object.storageClass],
  ];
}

function nameOf(entry: Entry<unknown>): string {
  return entry.kind === 'item' ? entry.key : entry.prefix;
}

/** Continuation tokens are opaque to clients: `k` and a key, or `p` and a common prefix, in base64url. */
function makeToken(place: Place): string {
  const text = place.kind === 'after-prefix' ? `p${place.prefix}` : `k${place.key}`;
  return Buffer.from(text).toString('base64url');
}

function parseToken(token: string): Place {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith('p')) return { kind: 'after-prefix', prefix: text.slice(1) };
  if (text.startsWith('k')) return { kind: 'after-key', key: text.slice(1) };
  throw new S3Error('InvalidArgument', { message: 'The continuation token provided is incorrect.' });
}
