/** Prefix of bundles in the distribution bucket; what is below it is replicated to the archive. */
const BUNDLE_PREFIX = 'bundles/';

/**
 * A key for a bundle: by the hour for people, random for the ledger, which needs that no two attempts ever share one.
 *
 * @param now ms since the epoch
 * @param random 16 hexadecimal digits
 * @param extension such as `.tar.gz`
 */
export function bundleKey(now: number, random: string, extension: string): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  const hour = `${date.replaceAll('-', '/')}/${time.slice(0, 2)}`;
  const moment = `${date.replaceAll('-', '')}T${time.slice(0, 8).replaceAll(':', '')}Z`;
  return `${BUNDLE_PREFIX}${hour}/${moment}-${random}${extension}`;
}
