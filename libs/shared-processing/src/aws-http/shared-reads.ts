/** How response bodies are read: `auto` and `always` into one shared buffer, `never` as Node does by itself. */
export type SharedReadSetting = 'auto' | 'always' | 'never';

/**
 * Whether this process reads response bodies into one shared buffer. Two properties of Node make that safe: its HTTP parser
 * copies the bytes of a body, and a connection's bytes reach the parser through the socket's `data` event. Lambda updates Node
 * without asking us, so both are checked while the function runs. If one fails, the process reads in the plain way from then on.
 *
 *     unproven ──first response──▶ proven
 *        │                            │
 *        │ a call times out           │ the parser hands on the shared buffer,
 *        │ without any response       │ or bytes arrive for an unknown socket
 *        └──────────▶ plain ◀─────────┘     (from either state)
 */
export interface SharedReads {
  /** Whether new calls use connections with the shared buffer. */
  readonly isOn: boolean;
  /** A response arrived over the shared buffer, so the mechanism works with this Node. */
  prove(): void;
  /** A call over the shared buffer timed out without a response. Before the first response, this Node is to blame. */
  stayedSilent(): void;
  /** Node violates a property that shared reads depend on. */
  fail(cause: string): void;
}

/**
 * @param setting `always` never switches: for finding out what a new Node does
 * @param onSwitch called once, when this process switches to plain reads
 */
export function createSharedReads(
  setting: SharedReadSetting,
  onSwitch: (cause: string) => void = () => undefined,
): SharedReads {
  let isOn = setting !== 'never';
  let isProven = false;
  const fail = (cause: string): void => {
    if (!isOn || setting === 'always') return;
    isOn = false;
    onSwitch(cause);
  };
  return {
    get isOn() {
      return isOn;
    },
    prove: () => void (isProven = true),
    stayedSilent: () => {
      if (!isProven) fail('no response arrived over a connection with the shared buffer');
    },
    fail,
  };
}
