import { visible } from '@data-aggregator/terminal';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { Connection } from '@data-aggregator/operations/connection';
import { exit, OpsError } from '@data-aggregator/operations/errors';
import type { Output } from '../output.ts';
import { backfill, type BackfillDependencies, type BackfillOptions } from './backfill.ts';
import {
  assertSamePlan,
  type Checkpoint,
  firstCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts';
import { estimate } from './estimate.ts';
import { createPace } from './pace.ts';
import { countPastManifests, createPastDeliveries } from './past-deliveries.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';
import { type BackfillReport, reportOf } from './report.ts';
import { survey } from './survey.ts';

/** The options of the command. */
export interface BackfillSettings {
  prefix: string;
  /** Landing times, ms since the epoch. */
  from?: number;
  to?: number;
  currentOnly?: true;
  neverDelivered?: true;
  includeArchived?: true;
  /** Look each version up, for an exact count. */
  check?: true;
  /** Versions per second. */
  rate: number;
  maxBacklog: number;
  /** Path of the checkpoint. */
  file: string;
  resume?: true;
}

export interface BackfillSurroundings {
  progress: Progress;
  signal: AbortSignal;
  note: Output['note'];
}

export type BackfillConnection = Pick<
  Connection,
  | 'clock'
  | 'random'
  | 'region'
  | 'resources'
  | 'store'
  | 'listing'
  | 'table'
  | 'publications'
  | 'queue'
  | 'backlog'
  | 'maxConcurrentReads'
>;

const MAX_SLICE = 100;
const MAX_CONCURRENT_SENDS = 10;

/** Counts the versions and estimates cost and time. Changes nothing. @throws CallError, ManifestError */
export async function preview(
  settings: BackfillSettings,
  surroundings: BackfillSurroundings,
  connection: BackfillConnection,
): Promise<BackfillReport> {
  const { progress, signal } = surroundings;
  const plan = planOf(settings, connection);
  const dependencies = dependenciesOf(plan, surroundings, connection);
  const { listed, examined, unversioned, archived, bytes, old } = await survey(
    plan,
    signal,
    progress.update,
    dependencies,
  );
  const first = firstCheckpoint(plan);
  const enqueued = examined - unversioned - archived;
  const bound = { listed, examined, unversioned, archived, bytes, enqueued };
  const { counts, done } = settings.check
    ? await backfill(
        first,
        optionsOf(settings, surroundings, first, async () => undefined),
        dependencies,
      )
    : { counts: { ...first.counts, ...bound }, done: !signal.aborted };
  const manifests = old === 0 ? 0 : await countPastManifests(plan, signal, dependencies);
  const { rate } = settings;
  const work = { listed, examined, enqueued: counts.enqueued, bytes: counts.bytes, manifests, rate };
  return reportOf(plan, {
    executed: false,
    checked: settings.check === true,
    done,
    counts,
    estimate: estimate(work, connection.region),
  });
}

/** Enqueues the versions, and saves a checkpoint after each page. @throws OpsError, CallError, ManifestError, SystemFault */
export async function run(
  settings: BackfillSettings,
  surroundings: BackfillSurroundings,
  connection: BackfillConnection,
): Promise<BackfillReport> {
  const { file, rate, maxBacklog } = settings;
  const { progress, note } = surroundings;
  const start = await startOf(settings, connection);
  progress.update(start.counts);
  const save = (checkpoint: Checkpoint) => saveCheckpoint(file, checkpoint);
  const options = optionsOf(settings, surroundings, start, save);
  const pace = createPace(
    { rate, burst: options.slice, maxBacklog },
    { ...connection, onWait: (backlog) => progress.update({ backlog }) },
  );
  const dependencies = dependenciesOf(start.plan, surroundings, connection);
  try {
    const { plan, counts, done } = await backfill(start, { ...options, pace }, dependencies);
    return reportOf(plan, { executed: true, checked: true, done, counts, checkpoint: file });
  } catch (error) {
    note(
      `Stopped by an error. Progress is in ${visible(file)}; continue with the same command and --resume.`,
    );
    throw error;
  }
}

/** The state to start from: that of the checkpoint, or a new one, which is saved before anything is sent. @throws OpsError */
async function startOf(settings: BackfillSettings, connection: BackfillConnection): Promise<Checkpoint> {
  const { file, resume, from, to } = settings;
  const saved = await loadCheckpoint(file);
  const plan = planOf(settings, connection);
  if (resume) {
    if (!saved) throw new OpsError(`There is no checkpoint ${visible(file)} to resume from.`, exit.usage);
    const { from: _, to: __, ...rest } = plan;
    const asked = { ...rest, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    assertSamePlan(saved.plan, asked, visible(file));
    return saved;
  }
  if (saved && !saved.done) {
    throw new OpsError(
      `${visible(file)} belongs to an unfinished backfill. Add --resume to continue it, or delete the file to start again.`,
      exit.usage,
    );
  }
  const first = firstCheckpoint(plan);
  await saveCheckpoint(file, first);
  return first;
}

function planOf(settings: BackfillSettings, { resources, clock }: BackfillConnection): Plan {
  const { prefix, from = 0, to = clock.now(), currentOnly, neverDelivered, includeArchived } = settings;
  return {
    bucket: resources.buckets.landing,
    prefix,
    from,
    to,
    currentOnly: currentOnly === true,
    neverDelivered: neverDelivered === true,
    includeArchived: includeArchived === true,
  };
}

function optionsOf(
  { rate }: BackfillSettings,
  { progress, signal }: BackfillSurroundings,
  start: Checkpoint,
  save: (checkpoint: Checkpoint) => Promise<void>,
): BackfillOptions {
  let { enqueued } = start.counts;
  return {
    pace: undefined,
    slice: Math.min(MAX_SLICE, rate),
    signal,
    async onPage(checkpoint) {
      const { listed, examined } = checkpoint.counts;
      ({ enqueued } = checkpoint.counts);
      progress.update({ listed, examined, enqueued });
      await save(checkpoint);
    },
    onSent: (count) => progress.update({ enqueued: (enqueued += count), backlog: undefined }),
  };
}

function dependenciesOf(
  plan: Plan,
  { note }: BackfillSurroundings,
  connection: BackfillConnection,
): BackfillDependencies & Parameters<typeof createPastDeliveries>[1] {
  const { resources } = connection;
  const { archive, distribution } = resources.buckets;
  const rest = {
    ...connection,
    archive,
    distribution,
    claimRetentionMs: resources.claimRetentionMs,
    landingBucket: plan.bucket,
    maxConcurrentSends: MAX_CONCURRENT_SENDS,
    log: undecidedLog(note),
  };
  return { ...rest, past: createPastDeliveries(plan, rest) };
}

/** Notes versions whose bundle could not be looked up. The report counts the others. */
function undecidedLog(note: Output['note']): EventLog {
  const silent = () => undefined;
  return {
    debug: silent,
    info: silent,
    warn: silent,
    error: (_, { key, bundle, error } = {}) =>
      note(
        visible(
          `${String(key)} is left out, because ${String(bundle)} cannot be looked up: ${String(error)}`,
        ),
      ),
  };
}
