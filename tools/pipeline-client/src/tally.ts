import type { LogLine } from '@data-aggregator/local-cloud';
import * as v from 'valibot';

/** Counts from the aggregator's log. */
export interface Tally {
  /** Files in published bundles. */
  bundled: number;
  /** Notifications dropped because their object is already in a bundle. */
  duplicates: number;
  /** Notifications sent to the queue of the function for large objects. */
  forwarded: number;
  /** Why the last returned file was returned to the queue. */
  lastRetry: string | undefined;
}

const published = v.object({ message: v.literal('bundle.published'), members: v.number() });
const retried = v.object({ message: v.literal('member.retried'), why: v.string(), detail: v.string() });
const done = v.object({ message: v.literal('batch.done'), Duplicates: v.number(), Forwarded: v.number() });

/** Counts the events in functions' logs. */
export function createTally(): { tally: Readonly<Tally>; add: (line: LogLine) => void } {
  const tally: Tally = { bundled: 0, duplicates: 0, forwarded: 0, lastRetry: undefined };
  return {
    tally,
    add({ source, text }) {
      if (source !== 'function' || !text.startsWith('{')) return;
      const event = parse(text);
      if (v.is(published, event)) tally.bundled += event.members;
      else if (v.is(done, event)) {
        tally.duplicates += event.Duplicates;
        tally.forwarded += event.Forwarded;
      } else if (v.is(retried, event)) tally.lastRetry = `${event.why}: ${event.detail}`;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Functions may also log text that is not JSON.
    return undefined;
  }
}
