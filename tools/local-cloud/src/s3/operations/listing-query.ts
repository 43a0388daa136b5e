import { S3Error } from '../errors.ts';
import { countParameter } from '../http/request.ts';
import { encodeKey } from '@data-aggregator/shared-processing/s3-event';

const MAX_ENTRIES = 1000;

/** The common parameters of all listings. */
export interface ListingQuery {
  prefix: string;
  /** Empty if nothing is grouped. */
  delimiter: string;
  /** Maximum number of entries per page. */
  limit: number;
  /** Encodes keys and prefixes for the response. */
  encode: (text: string) => string;
}

/**
 * @param limitName query parameter with the maximum number of entries
 * @throws S3Error InvalidArgument
 */
export function parseListingQuery(
  query: ReadonlyMap<string, string>,
  limitName: 'max-keys' | 'max-uploads' = 'max-keys',
): ListingQuery {
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') {
    throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' });
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: Math.min(MAX_ENTRIES, countParameter(limitName, query.get(limitName) ?? String(MAX_ENTRIES))),
    encode: encoding === 'url' ? encodeKey : (text) => text,
  };
}
