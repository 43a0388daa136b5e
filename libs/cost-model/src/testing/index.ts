import type { CapacityDesign, Load } from '../capacity/index.ts';

/** The capacity of `prod`. */
export const design: CapacityDesign = {
  batchSize: 2000,
  batchWindowSeconds: 60,
  maxConcurrency: 10,
  timeoutSeconds: 60,
  queues: 1,
  warmWrites: 4000,
  landingPrefixes: 1,
};

/** An invocation takes 0.4 s, and 8 ms for each file. */
export const assumed = { pollers: 5, msPerInvocation: 400, msPerFile: 8 };

export const loadOf = (filesPerSecond: number): Load => ({
  filesPerSecond,
  burst: 10,
  avgKb: 5,
  compressRatio: 4,
});
