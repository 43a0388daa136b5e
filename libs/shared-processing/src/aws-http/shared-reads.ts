import type { Agent } from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';

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

/**
 * Makes all connections of an agent read into one buffer. By default, Node allocates up to 64 KiB for each read from a
 * socket. V8 counts this memory and collects garbage because of it, which costs more CPU than the reads.
 *
 * One buffer is enough for all connections: Node calls back after each read and before the next. In that callback its
 * HTTP parser receives the bytes and copies those of a body. `releaseAfterUse` checks that it does.
 *
 * @param onLostBytes called when bytes arrive for a connection whose socket is unknown
 */
export function shareReadBuffer<A extends Agent>(buffer: Buffer, agent: A, onLostBytes: () => void): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    let socket: Socket | undefined;
    const callback = (bytes: number): boolean => {
      // Emit what a socket without `onread` emits.
      if (socket) socket.emit('data', buffer.subarray(0, bytes));
      else onLostBytes();
      return true;
    };
    // Node accepts both forms: the socket is returned, or passed to the callback.
    const returned = connect(
      { ...options, onread: { buffer, callback } } as NetConnectOpts,
      (error, created) => {
        socket ??= created as Socket;
        done?.(error, created);
      },
    );
    socket ??= (returned as Socket | null | undefined) ?? undefined;
    return returned;
  };
  return agent;
}
