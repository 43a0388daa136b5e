/** The sections of docs/runbook.md, one for each kind of alarm. */
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
  'failed-replays',
  'replication',
  'unusual-inflow',
  'no-inflow',
  'spending',
] as const;

export type RunbookSection = (typeof runbookSections)[number];

/** The text of an alarm: what it means, and where it says what to do. */
export function described(meaning: string, section: RunbookSection): string {
  return `${meaning} What to do: docs/runbook.md#${section}`;
}
