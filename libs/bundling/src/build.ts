import { SystemFault } from '@data-aggregator/shared-processing/errors';
import type { RetryRules } from '@data-aggregator/shared-processing/retry';
import type { Checksums } from '@data-aggregator/shared-processing/manifest';
import { nameMembers } from '@data-aggregator/shared-processing/keys';
import {
  openObject,
  ReadError,
  readWhole,
  type VerifiedBy,
  type WholeObject,
} from '@data-aggregator/shared-processing/reader';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { ObjectStore } from '@data-aggregator/shared-processing/s3';
import { type BundleWriter, type FinishedBundle, MemberBodyError } from './bundle/index.ts';
import { outcomeOfObjectFailure } from './failures.ts';
import type { Candidate, Outcome } from './outcome.ts';
import type { PlannedBundle } from './plan.ts';
import { readAhead, type ReadAheadLimits } from './read-ahead.ts';
import { hasAllTime, type TimeBudget } from './time-budget.ts';

export interface BuildDependencies extends Omit<RetryRules, 'signal'> {
  store: ObjectStore;
  log: EventLog;
  readAhead: ReadAheadLimits;
  /** Bytes of the largest object that a bundle can hold. */
  maxObjectBytes: number;
}

/** A member as it is in the tar. */
export type BuiltMember = {
  candidate: Candidate;
  name: string;
  size: number;
  verifiedBy: VerifiedBy;
  /** ms since the epoch. */
  lastModified: number;
} & Checksums;

/** The result of building. Every candidate is in `members` or in `left`. */
export interface Built {
  /** In the order of the tar. */
  members: BuiltMember[];
  left: Map<Candidate, Outcome | SizeChanged>;
}

/** The object is larger than planned. It is planned again with the size from S3. */
export interface SizeChanged {
  kind: 'size-changed';
  size: number;
}

/**
 * Streams the claimed candidates into a tar. An unreadable one is left out, with the reason. When time runs out, the rest stays
 * unstarted and the bundle is closed with what it has.
 *
 * @throws SystemFault, and what the writer throws when the bundle is unusable
 */
export async function build(
  planned: Exclude<PlannedBundle, { kind: 'copy' }>,
  writer: BundleWriter,
  budget: TimeBudget,
  dependencies: BuildDependencies,
): Promise<Built & { finished: FinishedBundle | undefined }> {
  const built =
    planned.kind === 'single'
      ? await buildSingle(planned.member, writer, budget, dependencies)
      : await buildPacked(planned.members, writer, budget, dependencies);
  return { ...built, finished: built.members.length > 0 ? await writer.finish() : undefined };
}

async function buildPacked(
  candidates: readonly Candidate[],
  writer: BundleWriter,
  budget: TimeBudget,
  dependencies: BuildDependencies,
): Promise<Built> {
  const { clock } = dependencies;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, clock.signalAt(budget.buildUntil)]);
  const members: BuiltMember[] = [];
  const left: Built['left'] = new Map();

  const take = async (
    { candidate, name }: Named,
    result: PromiseSettledResult<WholeObject>,
  ): Promise<void> => {
    if (result.status === 'rejected') {
      left.set(candidate, outcomeOfFailure(result.reason, candidate));
      return;
    }
    const object = result.value;
    if (object.kind === 'larger') {
      const tooLarge = outcomeOfSize(object.size, dependencies.maxObjectBytes);
      left.set(candidate, tooLarge ?? { kind: 'size-changed', size: object.size });
      return;
    }
    const { size, lastModified, verifiedBy } = object;
    const sha256 = await writer.append({ name, size, mtime: lastModified }, object.content);
    members.push({ candidate, name, size, sha256, verifiedBy, lastModified });
  };

  const read = ({ candidate }: Named, memory: Uint8Array) =>
    readWhole(candidate.landed, memory, { ...dependencies, signal });
  for await (const { item, result } of readAhead(inTarOrder(candidates), read, dependencies.readAhead)) {
    const isLate = clock.now() >= budget.buildUntil;
    try {
      // A read still failing at the deadline counts as an attempt. One that succeeded too late is requeued.
      if (!isLate || result.status === 'rejected') await take(item, result);
    } catch (error) {
      // Before leaving the loop, because leaving it waits for the reads in progress.
      stop.abort();
      throw error;
    }
    // The signal ends the reads in progress at this moment, too.
    if (isLate) break;
  }
  const ended = new Set([...members.map(({ candidate }) => candidate), ...left.keys()]);
  for (const candidate of candidates) {
    if (!ended.has(candidate)) left.set(candidate, { kind: 'unstarted' });
  }
  return { members, left };
}

/** A large object is streamed into its own bundle, so a broken body affects no other member. */
async function buildSingle(
  candidate: Candidate,
  writer: BundleWriter,
  budget: TimeBudget,
  dependencies: BuildDependencies,
): Promise<Built> {
  const { clock } = dependencies;
  const signal = clock.signalAt(budget.buildUntil);
  const hadAllTime = hasAllTime(budget, clock);
  try {
    const { size, lastModified, verifiedBy, body, close } = await openObject(candidate.landed, {
      ...dependencies,
      signal,
    });
    const refused = outcomeOfSize(size, dependencies.maxObjectBytes);
    if (refused) {
      close();
      return { members: [], left: new Map([[candidate, refused]]) };
    }
    const name = nameOfSingle(candidate);
    const sha256 = await writer.appendStream({ name, size, mtime: lastModified }, body);
    return { members: [{ candidate, name, size, sha256, verifiedBy, lastModified }], left: new Map() };
  } catch (error) {
    const outcome = outcomeOfFailure(error, candidate);
    const isOutOfTime = hadAllTime && clock.now() >= budget.buildUntil;
    return { members: [], left: new Map([[candidate, isOutOfTime ? tooSlow(outcome, candidate) : outcome]]) };
  }
}

/** The name of a member that has a bundle to itself. */
export function nameOfSingle(candidate: Candidate): string {
  return inTarOrder([candidate])[0]?.name ?? candidate.id;
}

interface Named {
  candidate: Candidate;
  name: string;
  size: number;
}

/** The candidates with their names in the bundle, sorted by name: the same members make the same tar. */
function inTarOrder(candidates: readonly Candidate[]): Named[] {
  const names = nameMembers(candidates.map(({ landed, id }) => ({ key: landed.key, identity: id })));
  return candidates
    .map((candidate) => ({ candidate, name: names.get(candidate.id) ?? candidate.id, size: candidate.size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The outcome of an object that had an invocation's whole time. A temporary failure at the end of it is the object's own. */
export function tooSlow(outcome: Outcome, candidate: Candidate): Outcome {
  return outcome.kind === 'retry' ? outcomeOfObjectFailure(candidate, 'too-slow', outcome.detail) : outcome;
}

/** The outcome of an object that could not be read. @throws an error that says nothing about the object */
export function outcomeOfFailure(error: unknown, candidate: Candidate): Outcome {
  const cause = error instanceof MemberBodyError ? (error.cause ?? error) : error;
  if (cause instanceof SystemFault) throw cause;
  if (cause instanceof ReadError) {
    // Each attempt is another invocation, usually over other connections, and reads small objects three times.
    if (cause.failure === 'corrupted') return outcomeOfObjectFailure(candidate, 'corrupted', cause.message);
    return cause.failure === 'unavailable'
      ? { kind: 'retry', why: 'unavailable', detail: cause.message }
      : { kind: 'refused', reason: cause.failure, detail: cause.message };
  }
  if (error instanceof MemberBodyError) return { kind: 'retry', why: 'unavailable', detail: error.message };
  throw error;
}

export function outcomeOfSize(size: number, maxObjectBytes: number): Outcome | undefined {
  if (size <= maxObjectBytes) return undefined;
  const detail = `${size} bytes are more than ${maxObjectBytes}, the largest object that a bundle may hold`;
  return { kind: 'refused', reason: 'too-large', detail };
}
