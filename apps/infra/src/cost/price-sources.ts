import type { Price } from './prices.ts';

/** A price that was read on a page, which speaks of that date. */
export function read(usd: number, unit: string, source: string, date: string): Price {
  return { usd, unit, source, date, read: true };
}

/**
 * A price of AWS's price list, which is what it bills by. The list itself was out of reach: the figure was read where
 * public repositories quote it, by its usage type, with the day of the list.
 *
 * @param offer AWS's code of the service, such as `AmazonS3`
 * @param date of the list, year and month
 */
export function quoted(region: string, usd: number, unit: string, offer: string, date: string): Price {
  const source = `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/${region}/index.json`;
  return read(usd, unit, source, date);
}

/** A price from memory of one of AWS's public pages; to be checked there. */
export function remembered(usd: number, unit: string, page: string): Price {
  return { usd, unit, source: `https://aws.amazon.com/${page}/pricing/`, date: '2026-11', read: false };
}
