import type { LogLine } from '@data-aggregator/local-cloud';
import * as v from 'valibot';

/** What the aggregator has said of its work so far. */
export interface Tally {
  /** Files in published bundles. */
  bundled: number;
  /** Notifications that were dropped because their object is in a bundle already. */
  duplicates: number;
  /** Why the last file that went back to the queue did. */
  lastRetry: string | undefined;
}

const published = v.object({ message: v.literal('bundle.published'), members: v.number() });
const retried = v.object({ message: v.literal('member.retried'), why: v.string(), detail: v.string() });
const done = v.object({ message: v.literal('batch.done'), Duplicates: v.number() });

/** Adds up what functions log. */
export function createTally(): { tally: Readonly<Tally>; add: (line: LogLine) => void } {
  const tally: Tally = { bundled: 0, duplicates: 0, lastRetry: undefined };
  return {
    tally,
    add({ source, text }) {
      if (source !== 'function' || !text.startsWith('{')) return;
      const event = parse(text);
      if (v.is(published, event)) tally.bundled += event.members;
      else if (v.is(done, event)) tally.duplicates += event.Duplicates;
      else if (v.is(retried, event)) tally.lastRetry = `${event.why}: ${event.detail}`;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A function may log what it likes.
    return undefined;
  }
}
