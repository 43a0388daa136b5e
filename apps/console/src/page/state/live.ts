import { computed, signal } from '@preact/signals';
import type { AlarmCounts, Failure, Flow, Load, Session, StreamEvents } from '../../api.ts';
import { isLockedOut } from './access.ts';
import { now } from './clock.ts';
import { asError, get, respond } from './request.ts';
import { eventSplitter } from './sse.ts';
import { visible } from './visible.ts';

export type Connection =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'lost'; since: number; retryAt: number };

export const session = signal<Session | undefined>(undefined);
export const connection = signal<Connection>({ kind: 'connecting' });
export const flow = signal<Flow | undefined>(undefined);
export const alarms = signal<AlarmCounts | undefined>(undefined);
export const load = signal<Load | undefined>(undefined);
/** Why the server cannot read the figures; undefined once it has read them again. */
export const failure = signal<Failure | undefined>(undefined);

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;
/** Updates that may be missing before the figures count as old, and before the connection counts as lost. */
const MISSED_UPDATES = { old: 3, lost: 6 };
const MIN_MS = { old: 5_000, lost: 20_000 };

function tolerated(until: keyof typeof MISSED_UPDATES, refreshSeconds = 1): number {
  return Math.max(MIN_MS[until], refreshSeconds * 1_000 * MISSED_UPDATES[until]);
}

/** Whether the live figures are older than they should be. */
export const isStale = computed(() => {
  const shown = flow.value;
  if (shown === undefined) return false;
  if (connection.value.kind === 'lost') return true;
  return now.value - shown.at > tolerated('old', session.value?.refresh.seconds);
});

/**
 * Takes live figures for as long as the page is open, and connects again whenever the connection ends. A hidden tab has no
 * connection: browsers allow six to one server, and on AWS reading figures costs money.
 */
export async function stayConnected(): Promise<never> {
  let wait = FIRST_RETRY_MS;
  let lostSince: number | undefined;
  for (;;) {
    await visible();
    if (!isLockedOut.peek()) await connect().catch(asError);
    if (connection.peek().kind === 'open') {
      wait = FIRST_RETRY_MS;
      lostSince = undefined;
    }
    if (document.hidden) {
      connection.value = { kind: 'connecting' };
      continue;
    }
    lostSince ??= Date.now();
    connection.value = { kind: 'lost', since: lostSince, retryAt: Date.now() + wait };
    await pause(wait);
    wait = Math.min(wait * 2, MAX_RETRY_MS);
  }
}

let wake: (() => void) | undefined;

/** Connects again at once, if the connection is lost. */
export function retryNow(): void {
  wake?.();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms);
  });
}

/** Reads events until the connection ends, or brings nothing for too long. @throws if it fails */
async function connect(): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(
      () => {
        controller.abort();
      },
      tolerated('lost', session.peek()?.refresh.seconds),
    );
  };
  const onHidden = () => {
    if (document.hidden) controller.abort();
  };
  document.addEventListener('visibilitychange', onHidden);
  try {
    heard();
    const [{ body }, current] = await Promise.all([
      respond('/api/events', { signal, headers: { accept: 'text/event-stream' } }),
      get<Session>('/api/session', signal),
    ]);
    session.value = current;
    if (!body) return;
    connection.value = { kind: 'open' };
    const split = eventSplitter();
    for await (const text of textOf(body)) {
      heard();
      for (const { name, data } of split(text)) take(name, data);
    }
  } finally {
    document.removeEventListener('visibilitychange', onHidden);
    clearTimeout(silence);
    controller.abort();
  }
}

/** Safari reads streams with a reader only. */
async function* textOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Names of events that a newer server sends are ignored. */
function take(name: string, data: string): void {
  const value: unknown = JSON.parse(data);
  switch (name as keyof StreamEvents) {
    case 'flow':
      flow.value = value as Flow;
      failure.value = undefined;
      break;
    case 'alarms':
      alarms.value = value as AlarmCounts;
      break;
    case 'load':
      load.value = value as Load;
      break;
    case 'failure':
      failure.value = value as Failure;
      break;
  }
}
