import type { Agent } from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';

/**
 * Makes all connections of an agent read into one buffer. By default Node allocates memory for each read from a socket, up to
 * 64 KiB at a time. V8 counts that memory and collects garbage because of it, which costs more CPU than reading.
 *
 * One buffer is enough for all connections: each read is followed by its callback before the next read, and Node's HTTP parser,
 * which receives the bytes in that callback, copies the bytes of a body. `releaseAfterUse` checks that it does.
 *
 * @param onLostBytes called when bytes arrive for a connection whose socket we were never given
 */
export function shareReadBuffer<A extends Agent>(buffer: Buffer, agent: A, onLostBytes: () => void): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    let socket: Socket | undefined;
    const callback = (bytes: number): boolean => {
      // The event that a socket emits when it has memory of its own.
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
