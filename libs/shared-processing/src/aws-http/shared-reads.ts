/** How response bodies are read: `auto` and `always` use one shared buffer, `never` uses Node's default. */
export type SharedReadSetting = 'auto' | 'always' | 'never';

/**
 * Decides whether this process reads response bodies into one shared buffer. That is safe because Node's HTTP parser
 * copies the bytes of a body, and because a connection's bytes reach the parser through the socket's `data` event. Lambda
 * updates Node automatically, so both are checked while the function runs. If one fails, the process uses Node's default
 * from then on.
 *
 *     unproven ──first response──▶ proven
 *        │                            │
 *        │ a call times out           │ the parser passes on the shared buffer,
 *        │ without any response       │ or bytes arrive for an unknown socket
 *        └──────────▶ plain ◀─────────┘     (from either state)
 */
export interface SharedReads {
  /** Whether new calls use connections with the shared buffer. */
  readonly isEnabled: boolean;
  /** Call when a response has arrived through the shared buffer, which proves that it works with this Node. */
  recordResponse(): void;
  /** Call when a call timed out without a response. Before the first response, the shared buffer is assumed to be the cause. */
  recordTimeout(): void;
  /** Call when Node violates a property that shared reads depend on. */
  disable(cause: string): void;
}

/**
 * @param setting `always` never switches, to test a new Node version
 * @param onSwitch called once, when this process switches to Node's default
 */
export function createSharedReads(
  setting: SharedReadSetting,
  onSwitch: (cause: string) => void = () => undefined,
): SharedReads {
  let isEnabled = setting !== 'never';
  let isProven = false;
  const disable = (cause: string): void => {
    if (!isEnabled || setting === 'always') return;
    isEnabled = false;
    onSwitch(cause);
  };
  return {
    get isEnabled() {
      return isEnabled;
    },
    recordResponse: () => void (isProven = true),
    recordTimeout: () => {
      if (!isProven) disable('no response arrived over a connection with the shared buffer');
    },
    disable,
  };
}
