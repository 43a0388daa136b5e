import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

/** A server that listens on the loopback interface. */
export interface Listening extends AsyncDisposable {
  port: number;
}

/** Ports to try after the wanted one, before any free one. */
const NEIGHBOURS = 9;

/**
 * Listens on 127.0.0.1, and never on another address. If the port is taken, the next ones are tried, then any free one.
 *
 * @param port 0 for any free port
 * @param isFixed whether only this port will do
 * @throws Error if the port is fixed and taken
 */
export async function listen(fetch: Hono['fetch'], port: number, isFixed: boolean): Promise<Listening> {
  const server = createServer(getRequestListener(fetch, { overrideGlobalObjects: false }));
  const ports =
    isFixed || port === 0 ? [port] : [...Array.from({ length: NEIGHBOURS + 1 }, (_, n) => port + n), 0];
  for (const candidate of ports) {
    try {
      await listenAt(server, candidate);
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'EADDRINUSE' && code !== 'EACCES') || candidate === ports.at(-1)) throw error;
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listenAt(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
