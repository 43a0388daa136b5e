import type { Prices } from './prices.ts';
import { euWest2 } from './prices-eu-west-2.ts';
import { usEast1 } from './prices-us-east-1.ts';

export { type Line, line, totalUsd } from './line.ts';
export { type Price, priced, type Priced, type Prices } from './prices.ts';
export {
  type Assumptions,
  assumptions,
  bundleGbPerDay,
  DAYS,
  filesPerBatch,
  HOURS,
  landingGbPerDay,
  MAX_NOTIFICATIONS,
  type Workload,
} from './workload.ts';

/** The regions whose prices are known. */
export const pricesByRegion = { 'us-east-1': usEast1, 'eu-west-2': euWest2 } as const satisfies Record<
  string,
  Prices
>;
