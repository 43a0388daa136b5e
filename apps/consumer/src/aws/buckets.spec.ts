import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_RECEIPT_BYTES } from '@data-aggregator/shared-processing/receipt';
import { type AwsServer, refuse, startAwsServer } from '../testing/aws-server.ts';
import { keyOf } from '../testing/bundles.ts';
import { type Archive, createArchive, createDistribution, type Distribution } from './buckets.ts';
import { createClients } from './clients.ts';

const [KEY, OTHER] = [keyOf(1), keyOf(2)];

let aws: AwsServer & { stop: () => Promise<void> };
let distribution: Distribution;
let archive: Archive;
beforeAll(async () => {
  aws = await startAwsServer();
});
beforeEach(() => {
  const { s3 } = createClients({
    ...{ region: 'eu-west-2', roleArn: undefined, externalId: undefined, maxSockets: 4 },
  });
  distribution = createDistribution(s3, 'dist', 'bundles/');
  archive = createArchive(s3, 'arch');
  aws.requests = [];
});
afterAll(() => aws.stop());

const collected = async (body: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a range of a bundle', () => {
  const range = { from: 2, to: 5, ifMatch: undefined };

  it('comes with the size, ETag and version of the whole', async () => {
    let asked: IncomingMessage['headers'] = {};
    aws.answer = ({ headers }, response) => {
      asked = headers;
      const answer = { etag: '"e"', 'x-amz-version-id': 'v', 'content-range': 'bytes 2-5/10' };
      response.writeHead(206, answer).end('cdef');
    };
    const { body, ...rest } = await distribution.get(KEY, { ...range, ifMatch: 'e' });
    expect(rest).toEqual({ etag: 'e', versionId: 'v', size: 10 });
    await expect(collected(body)).resolves.toBe('cdef');
    expect(asked).toMatchObject({ range: 'bytes=2-5', 'if-match': '"e"' });
  });

  it('is refused if a proxy sends the whole, and its connection is closed', async () => {
    let closed: Promise<unknown> | undefined;
    aws.answer = ({ socket }, response) => {
      closed = once(socket, 'close');
      response.writeHead(200, { etag: '"e"', 'content-length': 10 }).write('a');
    };
    await expect(distribution.get(KEY, range)).rejects.toMatchObject({
      ...{ outcome: 'unknown', code: 'NoContentRange' },
    });
    await closed;
  });

  it('whose connection is lost ends with an error of the call', async () => {
    aws.answer = ({ socket }, response) => {
      response.writeHead(206, { etag: '"e"', 'content-range': 'bytes 2-5/10', 'content-length': 4 });
      response.write('c', () => socket.destroy());
    };
    const { body } = await distribution.get(KEY, range);
    await expect(collected(body)).rejects.toMatchObject({ name: 'CallError', outcome: 'unknown' });
  });
});

it('a call that AWS refuses for its time is made once more', async () => {
  aws.answer = (_request, response) => {
    if (aws.requests.length % 2 === 1) refuse(response, 403, 'RequestTimeTooSkewed');
    else response.end();
  };
  await distribution.remove(KEY);
  await expect(archive.putReceipt(KEY, 'text')).resolves.toBe('stored');
  expect(aws.requests).toHaveLength(4);
  aws.answer = (_request, response) => refuse(response, 403, 'RequestTimeTooSkewed');
  await expect(distribution.remove(KEY)).rejects.toMatchObject({ code: 'RequestTimeTooSkewed' });
  expect(aws.requests).toHaveLength(6);
});

describe('a receipt', () => {
  it.each([
    [412, 'PreconditionFailed', 'exists'],
    [200, '', 'stored'],
  ])('that is stored with the answer %i %s: %s', async (status, code, result) => {
    let condition: string | undefined;
    aws.answer = ({ headers }, response) => {
      condition = headers['if-none-match'];
      if (status === 200) response.end();
      else refuse(response, status, code);
    };
    await expect(archive.putReceipt(KEY, 'text')).resolves.toBe(result);
    expect(condition).toBe('*');
  });

  it('neither stored nor refused for its existence is unknown', async () => {
    aws.answer = (_request, response) => refuse(response, 409, 'ConditionalRequestConflict');
    await expect(archive.putReceipt(KEY, 'text')).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('is undefined if there is none', async () => {
    aws.answer = (_request, response) => refuse(response, 404, 'NoSuchKey');
    await expect(archive.receipt(KEY)).resolves.toBeUndefined();
  });

  it('is not read without end', async () => {
    aws.answer = (_request, response) => {
      response.on('error', () => undefined);
      response.end(Buffer.alloc(MAX_RECEIPT_BYTES + 1));
    };
    await expect(archive.receipt(KEY)).rejects.toMatchObject({ outcome: 'refused', code: 'TooLarge' });
  });
});

describe('a manifest', () => {
  /** Answers with the stored manifests, and for others as S3 does if the bucket may not be listed. */
  const stored = (keys: readonly string[]) => (request: IncomingMessage, response: ServerResponse) =>
    keys.some((key) => request.url?.includes(key.replace('.tar.gz', '')))
      ? response.end('text')
      : refuse(response, 403, 'AccessDenied');

  it('that S3 denies is missing if another can be read', async () => {
    aws.answer = stored([OTHER]);
    await expect(archive.manifest(OTHER)).resolves.toEqual(Buffer.from('text'));
    await expect(archive.manifest(KEY)).resolves.toBeUndefined();
  });

  it('that S3 denies may exist if no other was read', async () => {
    aws.answer = stored([OTHER]);
    await expect(archive.manifest(KEY)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('that S3 denies may exist if the permission has been withdrawn', async () => {
    aws.answer = stored([OTHER]);
    await archive.manifest(OTHER);
    aws.answer = stored([]);
    await expect(archive.manifest(KEY)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('whose bytes differ from their checksum was changed in transit', async () => {
    const text = 'a manifest';
    const headers = { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') };
    aws.answer = (_request, response) =>
      response.writeHead(200, { ...headers, 'content-length': text.length }).end(text);
    await expect(archive.manifest(KEY)).rejects.toMatchObject({ outcome: 'unknown', code: 'CorruptedBody' });
  });
});
