import { mixed, noise, text } from './large.ts';
import { memoryOfLarge, memoryOfMany, memoryOfMedium } from './memory.ts';
import { distant, duplicates, small } from './small.ts';
import { bundleSize, coldStart } from './start.ts';
import type { Workload } from './workload.ts';

export const workloads: readonly Workload[] = [
  small,
  distant,
  text,
  noise,
  mixed,
  memoryOfMany,
  memoryOfMedium,
  memoryOfLarge,
  coldStart,
  bundleSize,
  duplicates,
];
