import { S3Error } from '../errors.ts';
import { countParameter } from '../http/request.ts';
import { encodeKey } from '@data-aggregator/shared-processing/s3-event';

const MAX_ENTRIES = 1000;

/** What every kind of listing is asked by. */
export interface ListingQuery {
  prefix: string;
  /** Empty where nothing is to be rolled up. */
  delimiter: string;
  /** Most entries of the page. */
  limit: number;
  /** How keys and prefixes are written in the answer. */
  encode: (text: string) => string;
}

/**
 * @param limitName the query parameter that says how many entries the page may have
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
