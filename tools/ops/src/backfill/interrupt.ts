const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A second Ctrl-C within this time is the same one, passed on by a parent process. */
const SAME_SIGNAL_MS = 2_000;

/** A signal that aborts on Ctrl-C, SIGTERM or SIGHUP. A second Ctrl-C ends the process at once. */
export function onInterrupt(): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  let first: number | undefined;
  const interrupt = () => {
    const now = performance.now();
    if (first !== undefined && now - first > SAME_SIGNAL_MS) process.exit(1);
    first ??= now;
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, interrupt);
    },
  };
}
