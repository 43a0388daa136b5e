import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectEvent } from '../buckets/notifications.ts';
import type { S3Options } from '../s3.ts';
import { type RunningS3, startS3 } from '../start.ts';

export interface S3UnderTest extends RunningS3 {
  /** An SDK client without retries, so that tests see every response. */
  client: S3Client;
  /** Creates another client of the same S3. */
  connect(config?: S3ClientConfig): S3Client;
  events: ObjectEvent[];
  /** Current files with object data. */
  files(): string[];
}

const nothing = () => undefined;
/** The SDK logs a warning for every refused streamed request. */
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A running S3 with a versioned bucket `versioned` and a plain one, `plain`. */
export async function s3UnderTest(options: Partial<S3Options> = {}): Promise<S3UnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), 'local-s3-'));
  const events: ObjectEvent[] = [];
  const onUnexpected = (error: unknown) => {
    throw error;
  };
  const s3 = await startS3({ dataDir, onEvent: (event) => events.push(event), onUnexpected, ...options });
  s3.createBucket({ name: 'versioned', versioning: true });
  s3.createBucket({ name: 'plain', versioning: false });
  const clients: S3Client[] = [];
  const connect = (config: S3ClientConfig = {}) => {
    const client = new S3Client({
      endpoint: s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      logger: SILENT,
      credentials: { accessKeyId: 'AKTEST', secretAccessKey: 'not-checked' },
      ...config,
    });
    clients.push(client);
    return client;
  };
  return {
    ...s3,
    client: connect(),
    connect,
    events,
    files: () =>
      readdirSync(dataDir, { recursive: true, withFileTypes: true }).flatMap((file) =>
        file.isFile() ? file.name : [],
      ),
    async stop() {
      for (const client of clients) client.destroy();
      await s3.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}

export interface Refusal {
  name: string;
  status: number | undefined;
  headers: Record<string, string>;
}

/** The error with which S3 refuses a request. Throws if it does not. */
export async function refusalOf(request: Promise<unknown>): Promise<Refusal> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return {
      name: error.name,
      status: error.$metadata.httpStatusCode,
      headers: error.$response?.headers ?? {},
    };
  }
  throw new Error('The request was not refused.');
}
