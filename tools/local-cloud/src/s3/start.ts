import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from './http/http-server.ts';
import { createS3, type S3, type S3Options } from './s3.ts';

export interface RunningS3 extends Omit<S3, 'handle' | 'close'> {
  /** `http://127.0.0.1:34567` */
  endpoint: string;
  /** Breaks all connections, frees the port and removes all data from the disk. */
  stop(): Promise<void>;
}

/** An S3 with its own server on a free loopback port. */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const { handle, close, ...s3 } = createS3(options);
  const server = createHttpServer((req, res) => void handle(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...s3,
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      close();
    },
  };
}
