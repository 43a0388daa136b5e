import { listingContext } from '../access.ts';
import { xmlAnswer } from '../http/answer.ts';
import { S3Error } from '../errors.ts';
import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import { listPage, type Place, placeOfMarker } from '../buckets/listing.ts';
import type { Bucket, Version } from '../model.ts';
import type { Operation } from '../operation.ts';
import { sequenceOfVersionId } from '../objects/sequence.ts';
import { findVersion, latestVersion } from '../objects/versions.ts';
import type { XmlNode } from '../http/xml.ts';
import { type ListingQuery, parseListingQuery } from './listing-query.ts';

export const listObjectVersions: Operation = {
  name: 'ListObjectVersions',
  method: 'GET',
  on: 'bucket',
  selectedBy: { versions: true },
  query: ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'key-marker', 'version-id-marker'],
  actions: () => ['s3:ListBucketVersions'],
  context: ({ query }) => listingContext(query),
  run({ bucket, request: { query }, service }) {
    const options = parseListingQuery(query);
    const keyMarker = query.get('key-marker') ?? '';
    const idMarker = query.get('version-id-marker') ?? '';
    if (keyMarker === '' && idMarker !== '') {
      throw new S3Error('InvalidArgument', {
        message: 'A version-id marker cannot be specified without a key marker.',
      });
    }
    const versionsOf = versionsBehind(bucket, keyMarker, idMarker);
    const from = placeOf(keyMarker, idMarker, options);
    const { entries, truncated } = listPage(bucket.versions.sorted(), versionsOf, { ...options, from });
    const last = truncated ? entries.at(-1) : undefined;
    return xmlAnswer([
      'ListVersionsResult',
      [
        ['Name', bucket.name],
        ['Prefix', options.encode(options.prefix)],
        ['KeyMarker', options.encode(keyMarker)],
        ['VersionIdMarker', idMarker],
        ['NextKeyMarker', last && options.encode(last.kind === 'item' ? last.key : last.prefix)],
        ['NextVersionIdMarker', last?.kind === 'item' ? last.item.versionId : undefined],
        ['MaxKeys', options.limit],
        ['Delimiter', options.delimiter === '' ? undefined : options.encode(options.delimiter)],
        ['EncodingType', options.encode === encodeKey ? 'url' : undefined],
        ['IsTruncated', truncated],
        ...entries.map((entry): XmlNode =>
          entry.kind === 'prefix'
            ? ['CommonPrefixes', [['Prefix', options.encode(entry.prefix)]]]
            : describe(
                entry.item,
                latestVersion(bucket, entry.key) === entry.item,
                options,
                service.accountId,
              ),
        ),
      ],
    ]);
  },
};

function placeOf(key: string, versionId: string, options: ListingQuery): Place | undefined {
  if (key === '') return undefined;
  return versionId === '' ? placeOfMarker(key, options.prefix, options.delimiter) : { kind: 'at-key', key };
}

/**
 * The versions of a key; for the marker's key only older ones. The marker's version may have been deleted meanwhile,
 * for example by a client that deletes page by page, so its age is read from its id.
 */
function versionsBehind(
  bucket: Bucket,
  keyMarker: string,
  idMarker: string,
): (key: string) => readonly Version[] {
  const all = (key: string) => bucket.versions.get(key) ?? [];
  if (idMarker === '') return all;
  const marker =
    findVersion(bucket, keyMarker, idMarker)?.sequence ?? sequenceOfVersionId(idMarker) ?? Infinity;
  return (key) => (key === keyMarker ? all(key).filter((version) => version.sequence < marker) : all(key));
}

function describe(version: Version, isLatest: boolean, { encode }: ListingQuery, accountId: string): XmlNode {
  const common: XmlNode[] = [
    ['Key', encode(version.key)],
    ['VersionId', version.versionId],
    ['IsLatest', isLatest],
    ['LastModified', new Date(version.lastModified).toISOString()],
    ['Owner', [['ID', accountId]]],
  ];
  if (version.kind === 'delete-marker') return ['DeleteMarker', common];
  return [
    'Version',
    [
      ...common,
      ['ETag', version.etag],
      ['ChecksumAlgorithm', version.checksum?.algorithm],
      ['ChecksumType', version.checksum?.type],
      ['Size', version.blob.size],
      ['StorageClass', version.storageClass],
    ],
  ];
}
