import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandIn {
  /** `http://127.0.0.1:…` */
  endpoint: string;
  /** Stops the server, and restores the process's environment. */
  stop(): Promise<void>;
}

/** Makes a server on the loopback interface the endpoint of every AWS client that this process creates. */
export async function standInForAws(server: Server): Promise<StandIn> {
  const environment = { ...process.env };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  process.env['AWS_REGION'] = 'eu-west-2';
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  return {
    endpoint,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      process.env = environment;
    },
  };
}
