import { withRetries, type RetryRules } from '@data-aggregator/shared-processing/retry';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import * as v from 'valibot';

const time = v.pipe(v.number(), v.safeInteger());

const cursorSchema = v.strictObject({
  /** Objects that landed before this time have been examined once. */
  lookedUntil: time,
  /** When the oldest object landed that was unsettled when examined, and when to examine it again. */
  recheck: v.optional(v.strictObject({ since: time, at: time })),
  /** The pass in progress. */
  pass: v.optional(
    v.strictObject({
      range: v.strictObject({ from: time, to: time, uploadsFrom: time }),
      /** Whether it examines unsettled objects again. */
      isRecheck: v.boolean(),
      after: v.optional(v.strictObject({ key: v.string(), versionId: v.string() })),
      unsettledSince: v.optional(time),
    }),
  ),
});

/** The progress of scheduled runs; times in ms since the epoch. */
export type Cursor = v.InferOutput<typeof cursorSchema>;
export type Pass = NonNullable<Cursor['pass']>;

/** The cursor's item in the ledger's table. */
const ID = 'reconciler#cursor';
/** How long an unchanged cursor is kept, in seconds. */
const RETENTION_SECONDS = 400 * 86_400;

interface Dependencies extends RetryRules {
  table: LedgerTable;
}

/** @throws CallError; ValiError if the stored cursor is invalid */
export async function loadCursor(dependencies: Dependencies): Promise<Cursor | undefined> {
  const item = await withRetries(() => dependencies.table.get(ID), dependencies);
  return item && v.parse(cursorSchema, JSON.parse(String(item['cursor'])));
}

/** @throws CallError */
export async function saveCursor(cursor: Cursor, dependencies: Dependencies): Promise<void> {
  const { table, clock } = dependencies;
  const expires = Math.ceil(clock.now() / 1000) + RETENTION_SECONDS;
  await withRetries(() => table.put({ id: ID, cursor: JSON.stringify(cursor), expires }), dependencies);
}
