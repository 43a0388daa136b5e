import { encodeKey } from '@data-aggregator/shared-processing/s3-event';
import { xmlAnswer } from '../http/answer.ts';
import { compareKeys } from '../buckets/key-index.ts';
import { listPage, type Place, placeOfMarker } from '../buckets/listing.ts';
import type { Bucket, Upload } from '../model.ts';
import type { Operation } from '../operation.ts';
import type { XmlNode } from '../http/xml.ts';
import { type ListingQuery, parseListingQuery } from './listing-query.ts';

/**
 * Uploads neither completed nor aborted: by key, then by age.
 *
 * @see "ListMultipartUploads" in the Amazon S3 API Reference
 */
export const listMultipartUploads: Operation = {
  name: 'ListMultipartUploads',
  method: 'GET',
  on: 'bucket',
  selectedBy: { uploads: true },
  query: ['prefix', 'delimiter', 'max-uploads', 'encoding-type', 'key-marker', 'upload-id-marker'],
  actions: () => ['s3:ListBucketMultipartUploads'],
  run({ bucket, request: { query }, service }) {
    const options = parseListingQuery(query, 'max-uploads');
    const keyMarker = query.get('key-marker') ?? '';
    // Ignored without a key.
    const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
    const uploads = uploadsBehind(bucket, keyMarker, idMarker);
    const keys = [...uploads.keys()].sort(compareKeys);
    const from = placeOf(keyMarker, idMarker, options);
    const { entries, truncated } = listPage(keys, (key) => uploads.get(key) ?? [], { ...options, from });
    const last = truncated ? entries.at(-1) : undefined;
    return xmlAnswer([
      'ListMultipartUploadsResult',
      [
        ['Bucket', bucket.name],
        ['KeyMarker', options.encode(keyMarker)],
        ['UploadIdMarker', idMarker],
        ['NextKeyMarker', last && options.encode(last.kind === 'item' ? last.key : last.prefix)],
        ['NextUploadIdMarker', last?.kind === 'item' ? last.item.id : undefined],
        ['Prefix', options.encode(options.prefix)],
        ['Delimiter', options.delimiter === '' ? undefined : options.encode(options.delimiter)],
        ['MaxUploads', options.limit],
        ['EncodingType', options.encode === encodeKey ? 'url' : undefined],
        ['IsTruncated', truncated],
        ...entries.map((entry): XmlNode =>
          entry.kind === 'prefix'
            ? ['CommonPrefixes', [['Prefix', options.encode(entry.prefix)]]]
            : ['Upload', describe(entry.item, options, service.accountId)],
        ),
      ],
    ]);
  },
};

/** The uploads of each key; for the marker's key only those with a greater id. */
function uploadsBehind(bucket: Bucket, keyMarker: string, idMarker: string): Map<string, Upload[]> {
  const uploads = new Map<string, Upload[]>();
  const all = [...bucket.uploads.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const upload of all) {
    if (upload.key === keyMarker && upload.id <= idMarker) continue;
    const ofKey = uploads.get(upload.key);
    if (ofKey === undefined) uploads.set(upload.key, [upload]);
    else ofKey.push(upload);
  }
  return uploads;
}

function placeOf(key: string, uploadId: string, options: ListingQuery): Place | undefined {
  if (key === '') return undefined;
  return uploadId === '' ? placeOfMarker(key, options.prefix, options.delimiter) : { kind: 'at-key', key };
}

function describe(upload: Upload, { encode }: ListingQuery, accountId: string): XmlNode[] {
  return [
    ['UploadId', upload.id],
    ['Key', encode(upload.key)],
    ['Initiator', [['ID', accountId]]],
    ['Owner', [['ID', accountId]]],
    ['StorageClass', upload.storageClass],
    ['Initiated', new Date(upload.initiated).toISOString()],
    ['ChecksumAlgorithm', upload.checksum?.algorithm],
    ['ChecksumType', upload.checksum?.type],
  ];
}
