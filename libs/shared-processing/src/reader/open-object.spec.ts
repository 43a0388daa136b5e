import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { SystemFault } from '../errors/index.ts';
import { systemClock } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { createObjectStore, createS3Client, createSignedObjectStore, type ObjectStore } from '../s3/index.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { openObject, ReadError, readWhole } from './index.ts';

/** How S3 handles one request; the last handler also handles all later requests. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const connections = { maxSockets: 4, stalledAfterMs: 300 };
const versioned: ObjectVersion = {
  bucket: 'landing',
  key: 'a b+c.bin',
  version: { kind: 'id', versionId: 'v1' },
};
const unversioned: ObjectVersion = {
  ...versioned,
  version: { kind: 'sequencer', sequencer: '01', etag: 'abc' },
};

let aws: StandIn;
let client: S3Client;
let store: ObjectStore;
let behaviours: Behaviour[];
let requests: IncomingMessage[];
const sockets = new Set<Socket>();

beforeAll(async () => {
  const server = createServer((request, response) => {
    requests.push(request);
    const behave = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
    behave?.(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  aws = await standInForAws(server);
  client = createS3Client(connections);
});

beforeEach(() => {
  requests = [];
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const room = (bytes: number) => Buffer.alloc(bytes);
const reader = (signal?: AbortSignal) => ({ store, clock: systemClock, random: () => 0, signal });

/** The checksum that S3 stores for the content. */
const CHECKSUM = {
  'x-amz-checksum-sha256': createHash('sha256').update(CONTENT).digest('base64'),
  'x-amz-checksum-type': 'FULL_OBJECT',
};

/** Serves the content from the requested byte; may stop after some bytes, or corrupt one of them. */
function serve(
  options: { bytes?: number; then?: 'cut' | 'stall'; corrupt?: number; headers?: object } = {},
): Behaviour {
  return (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = Buffer.from(CONTENT.subarray(from));
    const { corrupt = -1 } = options;
    if (corrupt >= from) rest[corrupt - from] = (rest[corrupt - from] ?? 0) ^ 1;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': rest.length,
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      ...options.headers,
      ...(from > 0 && { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` }),
    });
    if (options.bytes === undefined) return void response.end(rest);
    response.write(rest.subarray(0, options.bytes), () => {
      if (options.then === 'cut') setTimeout(() => response.destroy(), 20);
    });
  };
}

function refuse(status: number, code: string): Behaviour {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(
      `<Error><Code>${code}</Code><Message>${code}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
    );
  };
}

async function contentOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe.each([
  ['the SDK', createObjectStore],
  ['the signed store', (signing: S3Client) => createSignedObjectStore(signing, connections)],
])('over %s', (_name, create) => {
  beforeAll(() => {
    store = create(client);
  });

  describe('openObject', () => {
    it('gets the notified version, with its key unchanged', async () => {
      behaviours = [serve()];
      const object = await openObject(versioned, reader());
      expect(object).toMatchObject({ size: CONTENT.length, lastModified: Date.UTC(2026, 0, 1) });
      expect((await contentOf(object.body)).equals(CONTENT)).toBe(true);
      expect(requests[0]?.url).toMatch(/^\/landing\/a%20b%2Bc\.bin\?versionId=v1(&|$)/);
    });

    it('gets by ETag if the bucket keeps no versions', async () => {
      behaviours = [serve()];
      await readWhole(unversioned, room(CONTENT.length), reader());
      expect(requests[0]?.headers['if-match']).toBe('"abc"');
    });

    it('resumes a truncated body where it broke', async () => {
      behaviours = [serve({ bytes: 40_000, then: 'cut' }), serve({ bytes: 10_000, then: 'cut' }), serve()];
      const { body } = await openObject(versioned, reader());
      expect((await contentOf(body)).equals(CONTENT)).toBe(true);
      expect(requests.map(({ headers }) => headers.range)).toEqual([
        undefined,
        'bytes=40000-',
        'bytes=50000-',
      ]);
    });

    it('resumes a stalled body where it stopped', async () => {
      behaviours = [serve({ bytes: 40_000, then: 'stall' }), serve()];
      const { body } = await openObject(versioned, reader());
      expect((await contentOf(body)).equals(CONTENT)).toBe(true);
      expect(requests).toHaveLength(2);
    });

    it('fails if a body keeps breaking', async () => {
      behaviours = [serve({ bytes: 1_000, then: 'cut' })];
      const { body } = await openObject(versioned, reader());
      await expect(contentOf(body)).rejects.toMatchObject({ name: 'ReadError', failure: 'unavailable' });
      expect(requests).toHaveLength(4);
    });

    it('rejects more bytes than the object has', async () => {
      const tooMany: Behaviour = (_request, response) => {
        const rest = Buffer.alloc(CONTENT.length);
        response
          .writeHead(206, { 'content-length': rest.length, 'content-range': `bytes 9-9/${CONTENT.length}` })
          .end(rest);
      };
      behaviours = [serve({ bytes: 1_000, then: 'cut' }), tooMany];
      await expect(readWhole(versioned, room(CONTENT.length), reader())).rejects.toMatchObject({
        name: 'ReadError',
        message: expect.stringContaining('too many bytes'),
      });
    });

    it('stops at the deadline, also in the middle of a stalled body', async () => {
      behaviours = [serve({ bytes: 1_000, then: 'stall' })];
      const deadline = new AbortController();
      const { body } = await openObject(versioned, reader(deadline.signal));
      setTimeout(() => deadline.abort(), 50);
      await expect(contentOf(body)).rejects.toMatchObject({ failure: 'unavailable' });
      expect(requests).toHaveLength(1);
    });

    it('retries when S3 throttles or fails', async () => {
      behaviours = [refuse(503, 'SlowDown'), refuse(500, 'InternalError'), serve()];
      await expect(readWhole(versioned, room(CONTENT.length), reader())).resolves.toMatchObject({
        kind: 'read',
      });
    });

    it.each([
      [404, 'NoSuchKey', 'gone'],
      [404, 'NoSuchVersion', 'gone'],
      [405, 'MethodNotAllowed', 'gone'],
      [403, 'AccessDenied', 'access-denied'],
      [403, 'InvalidObjectState', 'archived'],
      [400, 'KMS.DisabledException', 'key-unusable'],
      [412, 'PreconditionFailed', 'superseded'],
      [400, 'KeyTooLongError', 'not-readable'],
      [400, 'RequestTimeout', 'unavailable'],
      [503, 'SlowDown', 'unavailable'],
    ])('reads %i %s as %s', async (status, code, failure) => {
      behaviours = [refuse(status, code)];
      await expect(openObject(versioned, reader())).rejects.toMatchObject({ name: 'ReadError', failure });
    });

    it.each([
      [404, 'NoSuchBucket'],
      [403, 'InvalidAccessKeyId'],
      [403, 'SignatureDoesNotMatch'],
      [400, 'InvalidToken'],
      [400, 'ExpiredToken'],
      [403, 'RequestTimeTooSkewed'],
    ])('does not blame the object for %i %s', async (status, code) => {
      behaviours = [refuse(status, code)];
      await expect(openObject(versioned, reader())).rejects.toThrow(SystemFault);
    });

    it.each([
      ['HTML', '<html><head><title>404</title></head><body>Not found</body></html>'],
      ['HTML that names an error', '<html><Code>NoSuchKey</Code></html>'],
      ['an empty body', ''],
      ['text', 'Access denied by policy'],
      ['another XML document', '<?xml version="1.0"?><Fault><Code>AccessDenied</Code></Fault>'],
    ])('does not blame the object for a response that is not from S3: %s', async (_kind, body) => {
      for (const status of [403, 404]) {
        behaviours = [(_request, response) => void response.writeHead(status).end(body)];
        await expect(openObject(versioned, reader())).rejects.toMatchObject({ failure: 'unavailable' });
      }
    });

    it('trusts S3’s own headers if there is no body', async () => {
      behaviours = [
        (_request, response) =>
          void response.writeHead(404, { 'x-amz-request-id': '4442587FB7D0A2F9' }).end(),
      ];
      await expect(openObject(versioned, reader())).rejects.toMatchObject({ failure: 'gone' });
    });
  });

  describe('verification', () => {
    const corrupted = serve({ corrupt: 70_000, headers: CHECKSUM });
    const good = serve({ headers: CHECKSUM });
    const warnings: string[] = [];
    const log = { warn: (event: string) => void warnings.push(event) };
    beforeEach(() => void warnings.splice(0));

    it('requests the stored checksum', async () => {
      behaviours = [good];
      const object = await openObject(versioned, reader());
      expect(requests[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
      expect(object.verifiedBy).toBe('sha256');
      expect((await contentOf(object.body)).equals(CONTENT)).toBe(true);
    });

    it('ends a corrupted body with an error', async () => {
      behaviours = [corrupted];
      const { body } = await openObject(versioned, { ...reader(), log });
      await expect(contentOf(body)).rejects.toMatchObject({ name: 'ReadError', failure: 'corrupted' });
      expect(warnings).toEqual(['read.corrupted']);
    });

    it('verifies a resumed body as a whole', async () => {
      behaviours = [serve({ bytes: 40_000, then: 'cut', headers: CHECKSUM }), good];
      const whole = await openObject(versioned, reader());
      expect((await contentOf(whole.body)).equals(CONTENT)).toBe(true);
      behaviours = [serve({ bytes: 40_000, then: 'cut', headers: CHECKSUM }), corrupted];
      const broken = await openObject(versioned, reader());
      await expect(contentOf(broken.body)).rejects.toMatchObject({ failure: 'corrupted' });
    });

    it('reads a corrupted small object again, and logs it', async () => {
      behaviours = [corrupted, corrupted, good];
      const object = await readWhole(versioned, room(CONTENT.length), { ...reader(), log });
      expect(object).toMatchObject({ kind: 'read', verifiedBy: 'sha256' });
      expect(object.kind === 'read' && CONTENT.equals(object.content)).toBe(true);
      expect(warnings).toEqual(['read.corrupted', 'read.corrupted']);
    });

    it('fails if a small object arrives corrupted three times', async () => {
      behaviours = [corrupted];
      await expect(readWhole(versioned, room(CONTENT.length), { ...reader(), log })).rejects.toMatchObject({
        name: 'ReadError',
        failure: 'corrupted',
        message: expect.stringContaining('landing/a b+c.bin arrived corrupted: its sha256 is'),
      });
      expect(requests).toHaveLength(3);
    });

    it('does not report an object as corrupted if time runs out before the last read', async () => {
      const stop = new AbortController();
      behaviours = [
        (request, response) => {
          corrupted(request, response);
          response.on('finish', () => setTimeout(() => stop.abort(), 30));
        },
        () => undefined,
      ];
      await expect(readWhole(versioned, room(CONTENT.length), reader(stop.signal))).rejects.toMatchObject({
        failure: 'unavailable',
      });
    });

    it.each<[string, object, string]>([
      [
        'etag-md5',
        { etag: `"${createHash('md5').update(CONTENT).digest('hex')}"` },
        '"9b2cf535f27731c974343645a3985328"',
      ],
      ['none', { etag: '"9b2cf535f27731c974343645a3985328-2"' }, '"9b2cf535f27731c974343645a3985328-2"'],
    ])('reports that it verified by %s', async (verifiedBy, headers, wrongEtag) => {
      behaviours = [serve({ headers })];
      await expect(readWhole(versioned, room(CONTENT.length), reader())).resolves.toMatchObject({
        verifiedBy,
      });
      behaviours = [serve({ headers: { etag: wrongEtag } })];
      const read = readWhole(versioned, room(CONTENT.length), reader());
      if (verifiedBy === 'none') await expect(read).resolves.toMatchObject({ verifiedBy });
      else await expect(read).rejects.toMatchObject({ failure: 'corrupted' });
    });
  });

  describe('a large body', () => {
    const block = Buffer.alloc(1024 ** 2);
    /** Breaks off after so many blocks, each time. */
    const readThrough = async (blocks: number, blocksAtATime: number) => {
      const size = blocks * block.length;
      let gets = 0;
      const get: ObjectStore['get'] = async ({ from = 0 }) => {
        gets++;
        async function* chunks() {
          for (let n = 0; n < blocksAtATime && from + n * block.length < size; n++) yield block;
        }
        const body = Object.assign(chunks(), { destroy: () => undefined });
        return { size, lastModified: 0, checksum: undefined, body };
      };
      const { body } = await openObject(versioned, { ...reader(), store: { ...store, get } });
      let length = 0;
      for await (const chunk of body) length += chunk.length;
      return { gets, isWhole: length === size };
    };

    it('is resumed as often as it makes progress', async () => {
      await expect(readThrough(160, 16)).resolves.toEqual({ gets: 10, isWhole: true });
      await expect(readThrough(160, 6)).resolves.toEqual({ gets: 27, isWhole: true });
    });

    it('fails if it makes too little progress', async () => {
      await expect(readThrough(160, 3)).rejects.toMatchObject({ failure: 'unavailable' });
    });
  });

  it('removes its listeners from the signal, whatever the outcome of a read', async () => {
    const { signal } = new AbortController();
    behaviours = [serve()];
    const { body } = await openObject(versioned, reader(signal));
    await contentOf(body);
    const { body: left } = await openObject(versioned, reader(signal));
    for await (const _ of left) break;
    behaviours = [serve({ bytes: 1_000, then: 'cut' })];
    const { body: broken } = await openObject(versioned, reader(signal));
    await expect(contentOf(broken)).rejects.toThrow(ReadError);
    // Connections of unread bodies are closed in the background.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  describe('head', () => {
    const answer = (status: number, headers: Record<string, string>) => {
      behaviours = [(_request, response) => void response.writeHead(status, headers).end()];
    };

    it('reports an absent key and a delete marker', async () => {
      answer(404, { 'x-amz-request-id': '1' });
      await expect(store.head('distribution', 'k')).resolves.toEqual({ kind: 'absent' });
      answer(404, { 'x-amz-request-id': '1', 'x-amz-delete-marker': 'true' });
      await expect(store.head('distribution', 'k')).resolves.toEqual({ kind: 'deleted' });
    });

    it('does not take a proxy’s 404 for an absent key', async () => {
      answer(404, { server: 'proxy' });
      await expect(store.head('distribution', 'k')).rejects.toMatchObject({
        name: 'CallError',
        outcome: 'unknown',
      });
    });
  });

  describe('readWhole', () => {
    it('does not read an object that is larger than the memory', async () => {
      behaviours = [serve()];
      await expect(readWhole(versioned, room(10), reader())).resolves.toEqual({
        kind: 'larger',
        size: CONTENT.length,
      });
    });

    it('leaks no socket, whatever the outcome', async () => {
      const before = sockets.size;
      const many = async () => {
        behaviours = [serve({ bytes: 1_000, then: 'cut' })];
        await readWhole(versioned, room(CONTENT.length), reader()).catch((error: unknown) =>
          expect(error).toBeInstanceOf(ReadError),
        );
        behaviours = [serve()];
        await readWhole(versioned, room(10), reader());
        await readWhole(versioned, room(CONTENT.length), reader());
      };
      for (let i = 0; i < 5; i++) await Promise.all([many(), many(), many()]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      // Each store has its own connections.
      expect(sockets.size - before).toBeLessThanOrEqual(4);
      behaviours = [serve()];
      await expect(readWhole(versioned, room(CONTENT.length), reader())).resolves.toMatchObject({
        kind: 'read',
      });
    });
  });
});
