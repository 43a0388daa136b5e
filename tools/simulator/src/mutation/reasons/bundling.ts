import type { Reason } from '../report.ts';

export const BUNDLING: readonly Reason[] = [];
