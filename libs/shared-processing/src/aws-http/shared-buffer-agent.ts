import type { Agent } from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';

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
