import type { Design } from './design.ts';
import type { Price, Prices } from './prices.ts';
import type { Assumptions, Workload } from './workload.ts';

/** One line of a monthly bill. */
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

/** The input of every line. */
export interface Estimate {
  workload: Workload;
  design: Design;
  assumptions: Assumptions;
  prices: Prices;
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
