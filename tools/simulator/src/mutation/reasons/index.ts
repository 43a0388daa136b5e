import type { Reason } from '../report.ts';
import { BUNDLE } from './bundle.ts';
import { BUNDLING } from './bundling.ts';
import { EXTRACTION } from './extraction.ts';
import { LEDGER } from './ledger.ts';
import { REPLAYER } from './replayer.ts';

/** Mutants that no test notices, each with the reason why none can or should. */
export const REASONS: readonly Reason[] = [...LEDGER, ...EXTRACTION, ...BUNDLE, ...BUNDLING, ...REPLAYER];
