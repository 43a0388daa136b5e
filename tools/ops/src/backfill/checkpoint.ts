import { open, readFile, rename } from 'node:fs/promises';
import * as v from 'valibot';
import { exit, OpsError } from '@data-aggregator/operations/errors';
import type { Plan } from './plan.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.strictObject({
  schemaVersion: v.literal(1),
  plan: v.strictObject({
    bucket: v.string(),
    prefix: v.string(),
    from: v.number(),
    to: v.number(),
    currentOnly: v.boolean(),
    neverDelivered: v.boolean(),
    includeArchived: v.boolean(),
  }),
  /** The last version of the last page that is finished. */
  after: v.exactOptional(v.strictObject({ key: v.string(), versionId: v.string() })),
  counts: v.strictObject({
    listed: count,
    examined: count,
    delivered: count,
    busy: count,
    quarantined: count,
    undecided: count,
    unprovable: count,
    unversioned: count,
    archived: count,
    enqueued: count,
    bytes: count,
  }),
  done: v.boolean(),
});

/** How far a backfill has come: every page before `after` is finished. */
export type Checkpoint = v.InferOutput<typeof schema>;
export type Counts = Checkpoint['counts'];

export function firstCheckpoint(plan: Plan): Checkpoint {
  const counts = {
    listed: 0,
    examined: 0,
    delivered: 0,
    busy: 0,
    quarantined: 0,
    undecided: 0,
    unprovable: 0,
    unversioned: 0,
    archived: 0,
    enqueued: 0,
    bytes: 0,
  };
  return { schemaVersion: 1, plan, counts, done: false };
}

/** @returns undefined if there is no such file @throws OpsError if it is not a checkpoint */
export async function loadCheckpoint(file: string): Promise<Checkpoint | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new OpsError(`${file} is not a checkpoint of this version.`, exit.usage, { cause });
  }
}

/** Replaces the file at once, so that a process killed here leaves the old or the new state. */
export async function saveCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(checkpoint, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/**
 * The plan of an interrupted backfill, if it is the one that the command asks for.
 *
 * @param asked the plan of the command line; without times, those of the checkpoint apply
 * @throws OpsError if they differ
 */
export function assertSamePlan(saved: Plan, asked: Partial<Plan>, file: string): void {
  const differing = (Object.keys(asked) as (keyof Plan)[]).filter((name) => asked[name] !== saved[name]);
  if (differing.length === 0) return;
  throw new OpsError(
    `${file} belongs to a backfill with other options (${differing.join(', ')}). Repeat its options, or name another --checkpoint.`,
    exit.usage,
  );
}
