import type { Bottleneck } from '../api.ts';
import { counted, duration, rate } from './words.ts';

/** What decides where files are held up. */
export interface FlowFigures {
  /** Files in the queue. */
  waiting: number;
  /** Files that an invocation works on, or that a failed one left hidden. */
  inFlight: number;
  oldestSeconds: number;
  inPerSecond: number;
  outPerSecond: number;
  /** Failed invocations of the aggregator. */
  errorsPerMinute: number;
  /** Its latest invocations, and how many of them failed. */
  recent: { seconds: number; invocations: number; errors: number };
  bundlesWaiting: number;
  oldestBundleSeconds: number;
  /** Large files that wait or are in flight. */
  largeWaiting: number;
  largeOldestSeconds: number;
}

/** From here on, waiting is not the normal collection of a batch: 95 % of files are promised within two minutes. */
export const HELD_UP_SECONDS = 60;
/** … and a file that waits this long is late. */
export const LATE_SECONDS = 180;
/** A large file takes minutes. */
const LARGE_HELD_UP_SECONDS = 900;
/** A consumer with a queue takes a bundle within seconds, one that lists within minutes. */
export const LATE_BUNDLE_SECONDS = 600;

/** Names the stage where files are held up: the first one from the left that cannot keep up, because it starves the others. */
export function bottleneckOf(figures: FlowFigures): Bottleneck {
  const { waiting, inFlight, oldestSeconds, inPerSecond, outPerSecond, errorsPerMinute, recent } = figures;
  const rates = `${rate(inPerSecond)} files/s come in, ${rate(outPerSecond)} files/s go out`;
  const queued = waiting + inFlight;
  const held = `${counted(queued, 'file')} ${queued === 1 ? 'is' : 'are'} not bundled yet, the oldest for ${duration(oldestSeconds)}`;
  if (queued > 0 && fails(recent)) {
    return {
      stage: 'aggregator',
      sentence: `The aggregator fails: ${recent.errors === 1 ? 'the only invocation' : `all ${recent.errors} invocations`} of the last ${duration(recent.seconds)} failed. ${held}. No file is lost: they stay in the queue.`,
      next: {
        label: 'Look at its errors',
        view: 'functions',
        query: { function: 'aggregator', pattern: 'ERROR' },
        runbook: 'outage',
      },
    };
  }
  if (queued > 0 && oldestSeconds >= HELD_UP_SECONDS) {
    if (waiting === 0) {
      return {
        stage: 'aggregator',
        sentence: `Some files fail again and again: ${held}, and none of them waits for capacity.`,
        next: {
          label: 'Look at the retries',
          view: 'functions',
          query: { function: 'aggregator', pattern: 'member.retried' },
          runbook: 'old-messages',
        },
      };
    }
    return {
      stage: 'aggregator',
      sentence: `The aggregator is the bottleneck: ${held}; ${rates}.`,
      next:
        errorsPerMinute > 0
          ? {
              label: 'Look at its errors',
              view: 'functions',
              query: { function: 'aggregator', pattern: 'ERROR' },
              runbook: 'function-errors',
            }
          : { label: 'What to do', view: 'functions', runbook: 'files-are-late' },
    };
  }
  if (figures.largeWaiting > 0 && figures.largeOldestSeconds >= LARGE_HELD_UP_SECONDS) {
    return {
      stage: 'large-objects',
      sentence: `Large files are held up: ${counted(figures.largeWaiting, 'file')}, the oldest for ${duration(figures.largeOldestSeconds)}.`,
      next: { label: 'Look at the function', view: 'functions', query: { function: 'large-objects' } },
    };
  }
  if (figures.bundlesWaiting > 0 && figures.oldestBundleSeconds >= LATE_BUNDLE_SECONDS) {
    return {
      stage: 'consumer',
      sentence: `The consumer is the bottleneck: ${counted(figures.bundlesWaiting, 'bundle')} ${figures.bundlesWaiting === 1 ? 'waits' : 'wait'}, the oldest for ${duration(figures.oldestBundleSeconds)}.`,
      next: {
        label: 'Look at the bundles',
        view: 'bundles',
        query: { state: 'waiting' },
        runbook: 'backlog',
      },
    };
  }
  if (queued > 0) {
    return {
      sentence: `Nothing holds files up: ${counted(queued, 'file')} ${queued === 1 ? 'is' : 'are'} on the way; ${rates}.`,
    };
  }
  return {
    sentence:
      inPerSecond > 0
        ? `Nothing holds files up; ${rates}.`
        : 'Nothing holds files up; no file is on the way.',
  };
}

/** Whether every latest invocation failed. */
export function fails({ invocations, errors }: FlowFigures['recent']): boolean {
  return errors > 0 && errors >= invocations;
}
