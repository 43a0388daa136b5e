import type { Reason } from '../report.ts';

export const BUNDLE: readonly Reason[] = [];
