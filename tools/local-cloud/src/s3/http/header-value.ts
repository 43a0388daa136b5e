import { S3Error } from '../errors.ts';

/**
 * A value from a query that is to become one of a header.
 *
 * @throws S3Error InvalidArgument where it holds what a header cannot
 */
export function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new S3Error('InvalidArgument', { message: `The value of ${name} cannot be that of a header.` });
}
