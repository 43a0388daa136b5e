import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmCounts, Failure, Flow, StreamEvents } from '../api.ts';
import type { Backend } from './backend.ts';
import { failureOf } from './console-error.ts';

/** Sends one event to a page. */
export type Send = <N extends keyof StreamEvents>(name: N, data: StreamEvents[N]) => void;

/** Live figures for all open pages. They are read once for all, and only while a page is open. */
export interface Hub {
  /** Adds a page, which gets the latest events at once. @returns a function that removes it */
  add(send: Send): () => void;
  /** Number of open pages. */
  pages(): number;
  stop(): void;
}

/** Alarms are read this often, in seconds, if figures are read more often. */
const ALARMS_SECONDS = 5;

/** @param onError called for errors that are not AWS's */
export function createHub(backend: Backend, onError: (error: unknown) => void): Hub {
  const pages = new Set<Send>();
  const stopped = new AbortController();
  let latest: { flow?: Flow; alarms?: AlarmCounts; failure?: Failure } = {};
  let reading: Promise<void> | undefined;
  const toAll: Send = (name, data) => {
    for (const send of pages) send(name, data);
  };
  const { seconds } = backend.session.refresh;
  const alarmsEvery = Math.max(1, Math.round(ALARMS_SECONDS / seconds));

  async function readOnce(round: number): Promise<void> {
    try {
      const flow = await backend.flow();
      latest = { ...latest, flow };
      delete latest.failure;
      toAll('flow', flow);
      if (round % alarmsEvery !== 0) return;
      const { counts } = await backend.alarms();
      if (JSON.stringify(counts) === JSON.stringify(latest.alarms)) return;
      latest = { ...latest, alarms: counts };
      toAll('alarms', counts);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.error === 'internal') onError(error);
      latest = { ...latest, failure };
      toAll('failure', failure);
    }
  }

  async function readWhileWatched(): Promise<void> {
    for (let round = 0; pages.size > 0 && !stopped.signal.aborted; round++) {
      const begun = Date.now();
      await readOnce(round);
      const rest = seconds * 1000 - (Date.now() - begun);
      // `stop` ends the wait; the loop's condition notices.
      await sleep(Math.max(100, rest), undefined, { signal: stopped.signal, ref: false }).catch(
        () => undefined,
      );
    }
    reading = undefined;
    latest = {};
  }

  const stopLoad = backend.load?.onChange(() => {
    if (backend.load) toAll('load', backend.load.state());
  });

  return {
    add(send) {
      pages.add(send);
      if (latest.flow) send('flow', latest.flow);
      if (latest.alarms) send('alarms', latest.alarms);
      if (latest.failure) send('failure', latest.failure);
      if (backend.load) send('load', backend.load.state());
      reading ??= readWhileWatched();
      return () => pages.delete(send);
    },
    pages: () => pages.size,
    stop: () => {
      stopped.abort();
      stopLoad?.();
    },
  };
}
