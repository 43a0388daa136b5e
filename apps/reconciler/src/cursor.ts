import { withRetries, type RetryRules } from '@data-aggregator/shared-processing/retry';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import * as v from 'valibot';

const time = v.pipe(v.number(), v.safeInteger());

const cursorSchema = v.strictObject({
  /** What landed before was looked at once. */
  lookedUntil: time,
  /** When the oldest landed that was not settled when it was looked at; and when to look again. */
  recheck: v.optional(v.strictObject({ since: time, at: time })),
  /** The pass that is being made. */
  pass: v.optional(
    v.strictObject({
      range: v.strictObject({ from: time, to: time, uploadsFrom: time }),
      /** Whether it goes back to what was not settled. */
      isRecheck: v.boolean(),
      after: v.optional(v.strictObject({ key: v.string(), versionId: v.string() })),
      unsettledSince: v.optional(time),
    }),
  ),
});

/** How far scheduled runs have come; times in ms since the epoch. */
export type Cursor = v.InferOutput<typeof cursorSchema>;
export type Pass = NonNullable<Cursor['pass']>;

/** Its item in the ledger's table. */
const ID = 'reconciler#cursor';
/** A cursor that is not moved for so long is forgotten, in seconds. */
const RETENTION_SECONDS = 400 * 86_400;

interface Dependencies extends RetryRules {
  table: LedgerTable;
}

/** @throws CallError, ValiError for a cursor that is none */
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
