import type { Design } from './design.ts';
import type { Price, Prices } from './prices.ts';
import type { Assumptions, Workload } from './workload.ts';

/** One line of a monthly bill. */
export interface Line {
  /** Such as `S3 landing`. */
  area: string;
  what: string;
  /** How many units of its price. */
  quantity: number;
  unit: string;
  usd: number;
  /** Whether the price was read on a page; one from memory must be checked. */
  read: boolean;
}

/** What a line is worked out from. */
export interface Estimate {
  workload: Workload;
  design: Design;
  assumptions: Assumptions;
  prices: Prices;
}

/**
 * A line of so many single things at a price for `per` of them.
 *
 * @param count requests, gigabyte-months and so on
 * @param per 1,000 where the price is for a thousand
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
