import type { Price } from './prices.ts';

/** One line of a bill. */
export interface Line {
  /** Such as `S3 landing`. */
  area: string;
  what: string;
  /** Number of units. */
  quantity: number;
  unit: string;
  usd: number;
  /** Whether the price was read from its source; a price from memory must be checked. */
  read: boolean;
}

/**
 * A line for a number of items at a price per `per` items.
 *
 * @param count requests, gigabyte-months and so on
 * @param per 1,000 if the price is for a thousand
 */
export function line(area: string, what: string, count: number, price: Price, per = 1): Line {
  return {
    area,
    what,
    quantity: count / per,
    unit: price.unit,
    usd: (count / per) * price.usd,
    read: price.read,
  };
}

/** The sum of lines, in US dollars. */
export function totalUsd(lines: readonly Pick<Line, 'usd'>[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}
