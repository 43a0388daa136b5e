import type { Prices } from './prices.ts';
import { euWest2 } from './prices-eu-west-2.ts';
import { usEast1 } from './prices-us-east-1.ts';

export { bill, type Bill, type ComparedLine, linesOf } from './bill/bill.ts';
export {
  type Design,
  DESIGN_FILE,
  designText,
  type Estimate,
  type LargeAssumptions,
  type LargeObjects,
  parseDesign,
  predecessorOf,
} from './bill/design.ts';
export {
  largeAssumptions,
  largeObjectLines,
  type Route,
  routeLines,
  routeOf,
  usageOf,
} from './bill/large-objects.ts';
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
