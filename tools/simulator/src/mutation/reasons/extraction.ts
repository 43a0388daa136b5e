import type { Reason } from '../report.ts';

export const EXTRACTION: readonly Reason[] = [];
