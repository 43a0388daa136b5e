import type { Assumption } from '../assumption.ts';
import { conditionalWriteAssumptions } from './conditional-writes.ts';
import { eventAssumptions } from './events.ts';
import { lateWriteAssumptions } from './late-writes.ts';
import { ledgerAssumptions } from './ledger.ts';
import { queueAssumptions } from './queue.ts';
import { readAssumptions } from './reads.ts';
import { uploadAssumptions } from './uploads.ts';

/** Everything that the probe tests, in the order of the report. */
export const assumptions: readonly Assumption[] = [
  ...uploadAssumptions,
  ...conditionalWriteAssumptions,
  ...lateWriteAssumptions,
  ...readAssumptions,
  ...eventAssumptions,
  ...ledgerAssumptions,
  ...queueAssumptions,
];
