import { CallError } from '@data-aggregator/shared-processing/errors';
import { type Clock, withRetries } from '@data-aggregator/shared-processing/retry';
import type { Distribution } from '../aws/buckets.ts';
import { HIDDEN_SECONDS, type ReadyMessage, type ReadyQueue, RENEW_MS } from '../aws/ready-queue.ts';
import { type BundleWork, consumeBundle, finishBundle, type Outcome } from '../bundle/consume-bundle.ts';
import { conditionOf, waitAfter } from '../bundle/condition.ts';
import { DamagedInTransit } from '../extract/damaged-bundle.ts';
import { isBundle } from '../inbox/bundle-id.ts';
import { createPool } from '../pool.ts';
import type { Report } from '../report/report.ts';
import { inProcessingOrder } from './order.ts';
import { createTrouble } from './trouble.ts';

export interface Consuming extends Omit<BundleWork, 'rules' | 'distribution'> {
  clock: Clock;
  random: () => number;
  report: Report;
  /** One for each prefix. All delete and get alike. */
  distributions: readonly [Distribution, ...Distribution[]];
  /** Whether a key is one of this consumer's. */
  isOurs: (key: string) => boolean;
  /** Undefined to learn about bundles from listings alone. */
  queue: ReadyQueue | undefined;
  /** Bundles processed at the same time. */
  parallel: number;
  /** Time between two listings, ms. */
  listEveryMs: number;
  /** With a queue, a later listing processes only bundles older than this: their notification was lost. ms. */
  lostAfterMs: number;
  /** Runs pending hooks, except those of bundles in progress, which run their own; returns how many are still pending. */
  retryHooks: (isInProgress: (key: string) => boolean) => Promise<number>;
}

/** What `once` has left undone. */
export interface Remaining {
  /** A condition has not ended in time. */
  stopped: boolean;
  /** Bundles that failed and were left for another time. */
  postponed: number;
  /** Bundles set aside in this run. */
  setAside: number;
}

/** A long poll; SQS's maximum. */
const POLL_SECONDS = 20;
const HOOK_RETRY_MS = 60_000;
/** `once` gives up on a condition, or on bundles that fail alone, after this many attempts in a row: about half a minute. */
const ONCE_ATTEMPTS = 6;
/** Before bundles that failed are listed again, ms. */
const POSTPONED_MS = 5_000;
const TRANSIT_ADVICE =
  'The connection changes bytes. Check the proxy and the network. The bundle is downloaded again until it arrives whole.';
/** Before a bundle that another consumer has taken, and has not deleted, is looked at again. Its operator may have removed the receipt. */
const TAKEN_MS = 3_600_000;
/** Keys that are remembered, for each reason: a consumer runs for months. */
const MAX_REMEMBERED = 10_000;

/** A bundle that is not processed for a while. */
interface LeftAlone {
  /** When to try again, ms since the epoch. */
  until: number;
  failures: number;
  /** Another consumer has it. */
  isTaken: boolean;
}

/**
 * Finds bundles and processes them. A listing at the start takes what is waiting, oldest first. Then the ready queue tells about new
 * bundles, and later listings find those whose notification was lost:
 *
 *     listing ─┬─ long poll ─┬─ long poll ─┬─ … ─┬─ listing ─┬─ long poll …
 *              └─────────────┴─────────────┴─ … ─┘ every listEveryMs
 */
export function createConsumer(consuming: Consuming) {
  const { inbox, clock, random, report, queue, signal, distributions } = consuming;
  const rules = { clock, random };
  const work: BundleWork = { ...consuming, rules, distribution: distributions[0] };
  const trouble = createTrouble(report, clock, random);
  const inProgress = new Map<string, Promise<Outcome | undefined>>();
  /** Bundles that a listing has found and this process has deleted, each with its number among them. Their messages need no request. */
  const deleted = new Map<string, number>();
  let deletions = 0;
  /** Bundles of other consumers, and bundles that failed. */
  const leftAlone = new Map<string, LeftAlone>();
  let contended = false;
  let setAside = 0;
  /** Whether an earlier process may have left plans behind. */
  let hasPlans = true;
  const offset = Number.parseInt(consuming.consumer.slice(-6), 16);

  /** @returns undefined if it could not be processed now */
  function process(key: string, likelyTaken = false): Promise<Outcome | undefined> {
    if (deleted.has(key)) return Promise.resolve({ kind: 'known' });
    return inProgress.get(key) ?? attempt(key, () => consumeBundle(key, work, likelyTaken));
  }

  function attempt(key: string, consume: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const outcome = outcomeOf(key, consume).finally(() => inProgress.delete(key));
    inProgress.set(key, outcome);
    return outcome;
  }

  async function outcomeOf(key: string, consume: () => Promise<Outcome>): Promise<Outcome | undefined> {
    try {
      const outcome = await consume();
      leftAlone.delete(key);
      tell(key, outcome);
      trouble.succeeded('bundle');
      return outcome;
    } catch (error) {
      signal.throwIfAborted();
      const condition = conditionOf(error);
      const failures = (leftAlone.get(key)?.failures ?? 0) + 1;
      const detail = (error as Error).message;
      if (condition !== undefined) trouble.enter('bundle', condition, error as Error);
      else if (!(error instanceof DamagedInTransit))
        report.event('error', 'bundle.failed', { bundle: key, detail });
      else if (failures === 1)
        report.event('warn', 'bundle.damaged-in-transit', { bundle: key, detail, advice: TRANSIT_ADVICE });
      // One bundle that always fails, for whatever reason, must not keep the others waiting.
      const until = clock.now() + waitAfter(failures, random());
      remember(leftAlone, key, { until, failures, isTaken: false });
      return undefined;
    }
  }

  function tell(bundle: string, outcome: Outcome): void {
    const { figures } = report;
    switch (outcome.kind) {
      case 'delivered': {
        const { files, firstLandedAt, startedAt, finishedAt, folder } = outcome.receipt;
        const bytes = files.reduce((sum, { size }) => sum + size, 0);
        const landingToDiskSeconds = Math.round((finishedAt - firstLandedAt) / 100) / 10;
        const seconds = (finishedAt - startedAt) / 1000;
        report.event('info', 'bundle.delivered', {
          bundle,
          ...(folder !== '' && { folder }),
          files: files.length,
          bytes,
          seconds,
          landingToDiskSeconds,
        });
        report.update({
          bundles: figures.bundles + 1,
          files: figures.files + files.length,
          bytes: figures.bytes + bytes,
          waiting: Math.max(0, figures.waiting - 1),
          landingToDiskSeconds,
          lastDeliveredAt: clock.now(),
        });
        break;
      }
      case 'known':
        report.event('info', 'bundle.known', { bundle });
        break;
      case 'taken':
        contended = true;
        remember(leftAlone, bundle, { until: clock.now() + TAKEN_MS, failures: 0, isTaken: true });
        report.event('info', 'bundle.taken', { bundle, by: outcome.by });
        break;
      case 'gone':
        report.event('info', 'bundle.gone', { bundle });
        break;
      case 'set-aside':
        if (outcome.reason === 'set-aside') break;
        setAside++;
        report.event('error', 'bundle.set-aside', { bundle, reason: outcome.reason, detail: outcome.detail });
        report.update({ setAside: figures.setAside + 1 });
        break;
    }
  }

  /** Notes that bundles could not be looked for. @throws the signal's reason; errors of the program */
  function sourceFailed(stage: 'listing' | 'queue', error: unknown): void {
    signal.throwIfAborted();
    const condition = conditionOf(error) ?? (error instanceof CallError ? 'refused' : undefined);
    if (condition === undefined) throw error;
    trouble.enter(stage, condition, error as Error);
  }

  /** Finishes what an earlier process began and planned. @returns how many bundles are left, and whether a condition has stopped it */
  async function recover(): Promise<{ left: number; hasStopped: boolean }> {
    const plans = await inbox.interrupted(clock.now());
    let left = plans.length;
    for (const plan of plans) {
      const { key } = plan.bundle;
      if ((leftAlone.get(key)?.until ?? 0) > clock.now()) continue;
      report.event('info', 'bundle.resumed', { bundle: key });
      const failuresBefore = trouble.failures;
      if ((await attempt(key, () => finishBundle(plan, work))) !== undefined) left--;
      else if (trouble.failures > failuresBefore) return { left, hasStopped: true };
    }
    return { left, hasStopped: false };
  }

  /** Recovers, and then processes what is in the bucket. @returns how many bundles were processed, and how many are left for later */
  async function look(onlyOverdue: boolean): Promise<{ processed: number; postponed: number }> {
    const { left, hasStopped } = hasPlans ? await recover() : { left: 0, hasStopped: false };
    hasPlans = left > 0;
    if (hasStopped) return { processed: 0, postponed: left };
    const { processed, postponed } = await listing(onlyOverdue);
    // A planned bundle is in the bucket too, unless somebody has deleted it.
    return { processed, postponed: Math.max(left, postponed) };
  }

  /** Processes what is in the bucket. @returns how many bundles were processed, and how many are left for later */
  async function listing(onlyOverdue: boolean): Promise<{ processed: number; postponed: number }> {
    const pool = createPool(consuming.parallel);
    let [waiting, oldest, processed, postponed] = [0, Infinity, 0, 0];
    let failuresBefore = trouble.failures;
    const hasFailed = () => {
      // What succeeds here ends the failures from before.
      failuresBefore = Math.min(failuresBefore, trouble.failures);
      return trouble.failures > failuresBefore;
    };
    try {
      for (const distribution of distributions) {
        let after: string | undefined;
        do {
          const start = after;
          const deletionsBefore = deletions;
          const page = await withRetries(() => distribution.list(start, signal), { ...rules, signal });
          trouble.succeeded('listing');
          const bundles = page.objects.filter(({ key }) => isBundle(key));
          waiting += bundles.length;
          for (const { lastModified } of bundles) oldest = Math.min(oldest, lastModified);
          report.update({
            waiting,
            oldestSeconds: Math.max(0, Math.round((clock.now() - oldest) / 1000)),
          });
          // S3 lists nothing that was deleted before, so somebody has restored these. They have a receipt, and are only deleted again.
          for (const { key } of bundles) {
            if ((deleted.get(key) ?? Infinity) <= deletionsBefore) deleted.delete(key);
          }
          const now = clock.now();
          const due = bundles.filter(({ key, lastModified }) => {
            if (inbox.isSetAside(key) && !inbox.hasReceipt(key)) return false;
            const left = leftAlone.get(key);
            if (onlyOverdue && !left && now - lastModified < consuming.lostAfterMs) return false;
            const isLeft = left !== undefined && left.until > now;
            if (isLeft && !left.isTaken) postponed++;
            return !isLeft;
          });
          for (const key of inProcessingOrder(
            due.map((object) => object.key),
            contended ? offset : 0,
          )) {
            await pool.start(async () => {
              if (hasFailed()) return;
              const likelyTaken = onlyOverdue || leftAlone.get(key)?.isTaken === true;
              const outcome = await process(key, likelyTaken);
              if (outcome === undefined) postponed++;
              else processed++;
              const isDeleted = outcome?.kind === 'delivered' || outcome?.kind === 'known';
              if (isDeleted) remember(deleted, key, ++deletions);
            });
          }
          after = page.next;
        } while (after !== undefined && !hasFailed());
      }
    } catch (error) {
      sourceFailed('listing', error);
    } finally {
      await pool.settled();
    }
    await pool.drained();
    // Nothing is left that could show whether the condition has ended.
    if (processed + postponed === 0 && !hasFailed()) trouble.succeeded('bundle');
    return { processed, postponed };
  }

  /** Processes the bundles of up to ten messages. @returns how many messages came, and how many of them are left for later */
  async function poll(
    from: ReadyQueue,
    waitSeconds: number,
  ): Promise<{ received: number; postponed: number }> {
    let messages: ReadyMessage[];
    try {
      messages = await from.receive(waitSeconds, signal);
      trouble.succeeded('queue');
    } catch (error) {
      sourceFailed('queue', error);
      return { received: 0, postponed: 0 };
    }
    if (messages.length === 0) return { received: 0, postponed: 0 };
    messages.sort((a, b) => ((a.keys?.[0] ?? '') < (b.keys?.[0] ?? '') ? -1 : 1));
    const open = new Set(messages);
    const done: ReadyMessage[] = [];
    let postponed = 0;
    const worked = new AbortController();
    void keepHidden(from, open, worked.signal);
    const pool = createPool(consuming.parallel);
    try {
      for (const message of messages) {
        await pool.start(async () => {
          const result = await processMessage(message);
          if (result === 'done') done.push(message);
          if (result === 'postponed') postponed++;
          open.delete(message);
        });
      }
    } finally {
      await pool.settled();
      worked.abort();
    }
    await pool.drained();
    try {
      if (done.length > 0) await withRetries(() => from.acknowledge(done), rules);
    } catch (error) {
      sourceFailed('queue', error);
    }
    return { received: messages.length, postponed };
  }

  /** Renews the visibility timeout of messages until the signal aborts. */
  async function keepHidden(
    from: ReadyQueue,
    messages: ReadonlySet<ReadyMessage>,
    worked: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await clock.sleep(RENEW_MS, worked);
      if (worked.aborted) return;
      // If it fails, the messages come back while we work: the receipt then says that they are done.
      from.hide([...messages], HIDDEN_SECONDS).catch(() => undefined);
    }
  }

  /** @returns `done` if the message can be deleted */
  async function processMessage({
    keys,
    receives,
  }: ReadyMessage): Promise<'done' | 'postponed' | 'unreadable'> {
    if (keys === undefined || keys.some((key) => !consuming.isOurs(key))) {
      // The redrive policy moves it to the dead-letter queue, whose alarm tells somebody.
      report.event('error', 'message.unreadable', { keys });
      return 'unreadable';
    }
    let isDone = true;
    for (const key of keys) {
      if (!isBundle(key)) report.event('warn', 'object.ignored', { key });
      else if (trouble.condition !== undefined || (await process(key, receives > 1)) === undefined)
        isDone = false;
      // Its message has come. The place is for a bundle whose message is still to come.
      deleted.delete(key);
    }
    return isDone ? 'done' : 'postponed';
  }

  async function hooks(): Promise<void> {
    try {
      report.update({ pendingHooks: await consuming.retryHooks((key) => inProgress.has(key)) });
    } catch (error) {
      signal.throwIfAborted();
      const condition = conditionOf(error);
      if (condition === undefined) throw error;
      trouble.enter('bundle', condition, error as Error);
    }
  }

  return {
    /** Works until the signal aborts. @throws the signal's reason */
    async run(): Promise<never> {
      let hasListed = false;
      let nextListing = 0;
      let nextHooks = 0;
      const besides = createPool(1);
      try {
        for (;;) {
          signal.throwIfAborted();
          if (clock.now() >= nextHooks) {
            nextHooks = Infinity;
            // A hook can take minutes. Bundles do not wait for it.
            await besides.start(() => hooks().finally(() => (nextHooks = clock.now() + HOOK_RETRY_MS)));
          }
          if (clock.now() >= nextListing || trouble.condition !== undefined) {
            const { postponed } = await look(queue !== undefined && hasListed);
            hasListed ||= trouble.condition === undefined;
            const isEarly = postponed > 0 || trouble.condition !== undefined;
            nextListing =
              clock.now() + (isEarly ? Math.min(consuming.listEveryMs, POSTPONED_MS) : consuming.listEveryMs);
          }
          // While something else stops the work, messages stay in the queue: each receive counts, and too many make a dead letter.
          if (queue && trouble.mayReceive) {
            const seconds = Math.ceil((nextListing - clock.now()) / 1000);
            const { postponed } = await poll(queue, Math.max(1, Math.min(POLL_SECONDS, seconds)));
            // The message comes back after minutes, and not for ever.
            if (postponed > 0) nextListing = Math.min(nextListing, clock.now() + POSTPONED_MS);
          }
          if (trouble.condition !== undefined) await trouble.wait(signal);
          else if (!queue) await clock.sleep(Math.min(nextListing - clock.now(), HOOK_RETRY_MS), signal);
        }
      } finally {
        await besides.settled();
      }
    },

    /** Processes what is waiting. @throws the signal's reason */
    async once(): Promise<Remaining> {
      for (;;) {
        signal.throwIfAborted();
        const { processed, postponed } = await look(false);
        const { received } = queue && trouble.mayReceive ? await poll(queue, 0) : { received: 0 };
        const hasStopped = trouble.condition !== undefined;
        const isOver = !hasStopped && processed + received === 0;
        // Without a condition, only bundles are left that failed without a common reason.
        const hasGivenUp = hasStopped
          ? trouble.waits >= ONCE_ATTEMPTS - 1
          : isOver && [...leftAlone.values()].some(({ failures }) => failures >= ONCE_ATTEMPTS);
        if ((isOver && postponed === 0) || hasGivenUp) {
          await hooks();
          return { stopped: trouble.condition !== undefined, postponed, setAside };
        }
        if (hasStopped) await trouble.wait(signal);
        else if (isOver) await clock.sleep(waitAfter(1, random()), signal);
      }
    },

    /** Processes one bundle. */
    one: (key: string) => process(key),
    trouble,
  };
}

/** Sets an entry, and forgets the oldest one if there are too many. */
function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_REMEMBERED && oldest !== undefined) entries.delete(oldest);
}
