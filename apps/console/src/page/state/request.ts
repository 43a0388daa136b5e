import { useEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../../api.ts';
import { authorization, isLockedOut } from './access.ts';
import { visible } from './visible.ts';

/** A refusal or failure, in words for the operator. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly failure: Failure | undefined;

  constructor(message: string, failure?: Failure) {
    super(message);
    this.failure = failure;
  }
}

/**
 * Sends a request to the console's server.
 *
 * @throws RequestError with the server's message, or if the server does not respond
 */
export async function respond(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...authorization(), ...init.headers };
  const response = await fetch(path, { ...init, headers, cache: 'no-store' }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new RequestError('The console does not respond. Is it still running?');
  });
  if (response.status === 401) isLockedOut.value = true;
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** Reads a document. @throws RequestError */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await respond(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

/** Sends a document and reads the response. @throws RequestError */
export async function post<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await respond(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

async function errorOf(response: Response): Promise<RequestError> {
  try {
    const failure = (await response.json()) as Failure;
    if (typeof failure.message === 'string') return new RequestError(failure.message, failure);
  } catch {
    // Not JSON, so not from the console.
  }
  return new RequestError(`The console responded ${response.status} ${response.statusText}.`);
}

export interface Loaded<T> {
  /** The last response. It stays while a newer one is loaded, and after an error. */
  data: T | undefined;
  /** When `data` arrived, in milliseconds since 1970. */
  at: number;
  error: Error | undefined;
  isLoading: boolean;
  reload: () => void;
}

interface State<T> extends Pick<Loaded<T>, 'at' | 'isLoading'> {
  path: string | undefined;
  data?: T;
  error?: Error;
}

/** Reads a document, and again every `every` milliseconds if given. An undefined path reads nothing. */
export function useLoaded<T>(path: string | undefined, every?: number): Loaded<T> {
  const [state, setState] = useState<State<T>>({ path: undefined, at: 0, isLoading: false });
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async () => {
      await visible();
      if (!controller.signal.aborted) setRound((old) => old + 1);
    };
    const again = () => {
      if (every !== undefined) timer = setTimeout(() => void next(), every);
    };
    setState((old) => (old.path === path ? { ...old, isLoading: true } : { path, at: 0, isLoading: true }));
    get<T>(path, controller.signal).then(
      (data) => {
        setState({ path, data, at: Date.now(), isLoading: false });
        again();
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState((old) => ({ ...old, error: asError(error), isLoading: false }));
        again();
      },
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [path, round, every]);

  // The effect that starts the next request runs after the first rendering with another path.
  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : undefined,
    at: state.at,
    error: isCurrent ? state.error : undefined,
    isLoading: path !== undefined && (state.isLoading || !isCurrent),
    reload: () => setRound((old) => old + 1),
  };
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Pages of one list, as far as they were read. */
export interface Pages<T> {
  items: readonly T[];
  error: Error | undefined;
  isLoading: boolean;
  /** Whether more pages exist. */
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
}

interface PagesState<T> {
  items: readonly T[];
  next: string | undefined;
  wanted: number;
  error?: Error;
  isLoading: boolean;
}

/**
 * Reads pages one after another until there are `first` items, and more on request.
 *
 * @param list what is read; another value starts again
 * @param read reads the page that `after` names, or the first one
 */
export function usePages<T>(
  list: string,
  read: (
    after: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ items: readonly T[]; next?: string | undefined }>,
  first: number,
): Pages<T> {
  const empty: PagesState<T> = { items: [], next: undefined, wanted: first, isLoading: true };
  const [state, setState] = useState(empty);
  const [round, setRound] = useState(0);
  /** Ends the reading of pages when the list changes. */
  const reading = useRef(new AbortController());

  useEffect(() => {
    const controller = new AbortController();
    reading.current = controller;
    setState(empty);
    void readUpTo(first, [], undefined, controller.signal);
    return () => controller.abort();
  }, [list, round]);

  async function readUpTo(
    wanted: number,
    known: readonly T[],
    after: string | undefined,
    signal: AbortSignal,
  ) {
    let [items, next] = [known, after];
    try {
      do {
        const page = await read(next, signal);
        [items, next] = [[...items, ...page.items], page.next];
        if (signal.aborted) return;
        const isLoading = next !== undefined && items.length < wanted;
        setState({ items, next, wanted, isLoading });
      } while (next !== undefined && items.length < wanted);
    } catch (error) {
      if (!signal.aborted) setState({ items, next, wanted, isLoading: false, error: asError(error) });
    }
  }

  return {
    items: state.items,
    error: state.error,
    isLoading: state.isLoading,
    hasMore: state.next !== undefined,
    loadMore: () => {
      if (state.isLoading || state.next === undefined) return;
      setState({ ...state, isLoading: true });
      void readUpTo(state.items.length + first, state.items, state.next, reading.current.signal);
    },
    reload: () => setRound((old) => old + 1),
  };
}

/** A text after it has not changed for a moment, so that not every letter of a search is a request. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
