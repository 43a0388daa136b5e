/** The only source of time. It is a parameter, so that a simulation can control it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts at the given time, in milliseconds since the epoch. */
  signalAt(moment: number): AbortSignal;
}

/** The operating system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(wake, ms);
      function wake() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      }
      signal?.addEventListener('abort', wake);
    }),
  signalAt: (moment) => AbortSignal.timeout(Math.max(0, Math.ceil(moment - Date.now()))),
};
