/** The sections of docs/runbook.md; each alarm links to one. */
export const runbookSections = [
  'outage',
  'files-are-late',
  'old-messages',
  'dead-letters',
  'quarantine',
  'lost-files',
  'undecided-files',
  'no-reconciliation',
  'function-errors',
  'function-timeouts',
  'function-throttles',
  'function-slow',
  'function-memory',
  'degraded-reads',
  'backlog',
  'ready-queue',
  'failed-replays',
  'replication',
  'unusual-inflow',
  'no-inflow',
  'spending',
] as const;

export type RunbookSection = (typeof runbookSections)[number];

/** An alarm's description: what it means, then the section of the runbook that says what to do. */
export function described(meaning: string, section: RunbookSection): string {
  return `${meaning} What to do: docs/runbook.md#${section}`;
}
