import type { Agent } from 'node:http';
import type { NetConnectOpts, Socket } from 'node:net';

/**
 * Lets an agent's connections all read into one buffer. By default Node takes new memory for each read from a socket, at
 * most 64 KiB at a time; V8 counts that memory and collects garbage for it, which costs more than the reading.
 *
 * One buffer does for all: a read is followed by its callback before any other read, and Node's HTTP parser, to which
 * the callback hands the bytes, copies what it hands on of a body. (Should it ever stop to, `lend` fails at once.)
 */
export function readInto<A extends Agent>(buffer: Buffer, agent: A): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const callback = (bytes: number): boolean => {
      // What the socket itself does with memory of its own; without a listener nobody has asked for anything.
      socket?.emit('data', buffer.subarray(0, bytes));
      return true;
    };
    const socket = connect({ ...options, onread: { buffer, callback } } as NetConnectOpts, done) as
      Socket | undefined;
    return socket;
  };
  return agent;
}
