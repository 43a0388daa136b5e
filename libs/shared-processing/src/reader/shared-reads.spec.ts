import { Agent, createServer, IncomingMessage } from 'node:http';
import { connect, type NetConnectOpts, Socket } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../retry/index.ts';
import { createS3Client, createSignedObjectStore } from '../s3/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { createSharedReads, type SharedReadSetting } from '../aws-http/index.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { readWhole } from './index.ts';

/*
 * A new Node version could break the properties that shared reads depend on. Then every object must still be read whole in
 * the same invocation, and the process must switch to plain reads once. The tests change Node's own classes to behave so.
 */

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
const SHARED_BYTES = 256 * 1024;
const object: ObjectVersion = { bucket: 'landing', key: 'a', version: { kind: 'id', versionId: 'v' } };

let aws: StandIn;
let client: S3Client;
let delayMs = 0;

beforeAll(async () => {
  const server = createServer((request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = CONTENT.subarray(from);
    const headers = { 'content-length': rest.length, 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' };
    const range = { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` };
    setTimeout(
      () => response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers).end(rest),
      delayMs,
    );
  });
  aws = await standInForAws(server);
  client = createS3Client({ maxSockets: 4 });
});

beforeEach(() => {
  delayMs = 0;
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

function reading(setting: SharedReadSetting) {
  const causes: string[] = [];
  const sharedReads = createSharedReads(setting, (cause) => causes.push(cause));
  const store = createSignedObjectStore(client, { maxSockets: 4, stalledAfterMs: 300, sharedReads });
  const read = async () => {
    const result = await readWhole(object, Buffer.alloc(CONTENT.length), {
      store,
      clock: systemClock,
      random: () => 0,
    });
    return result.kind === 'read' && CONTENT.equals(result.content);
  };
  return { causes, sharedReads, read };
}

/** A Node whose HTTP parser passes on the read buffer without copying. */
function parserThatDoesNotCopy(): void {
  let shared: ArrayBufferLike | undefined;
  const emit = Socket.prototype.emit;
  jest.spyOn(Socket.prototype, 'emit').mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [event, bytes] = args;
    if (event === 'data' && bytes instanceof Buffer) {
      shared = bytes.buffer.byteLength === SHARED_BYTES ? bytes.buffer : undefined;
    }
    return Reflect.apply(emit, this, args) as boolean;
  });
  const push = IncomingMessage.prototype.push;
  jest.spyOn(IncomingMessage.prototype, 'push').mockImplementation(function (this: IncomingMessage, ...args) {
    const [chunk] = args as [Buffer | null];
    const handedOn = chunk && shared ? Buffer.from(shared, 0, Math.min(chunk.length, SHARED_BYTES)) : chunk;
    return push.call(this, handedOn);
  });
}

type Connect = typeof Agent.prototype.createConnection;

/** A Node that passes sockets only to the callback. */
const connectByCallback: Connect = (options, done) => {
  const socket = connect(options as NetConnectOpts);
  process.nextTick(() => done?.(null, socket));
  return undefined;
};

/** A Node that returns a socket whose `data` event has no effect. */
const connectInSilence: Connect = (options) => {
  const socket = connect(options as NetConnectOpts);
  if ('onread' in options) {
    const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
    socket.emit = (event: string, ...args: unknown[]) => event === 'data' || emit(event, ...args);
  }
  return socket;
};

describe('shared reads', () => {
  it('stay on while Node has the required properties', async () => {
    const { causes, sharedReads, read } = reading('auto');
    await expect(Promise.all([read(), read(), read()])).resolves.toEqual([true, true, true]);
    expect([sharedReads.isEnabled, causes]).toEqual([true, []]);
  });

  it('work with a Node that passes sockets to a callback', async () => {
    jest.spyOn(Agent.prototype, 'createConnection').mockImplementation(connectByCallback);
    const { causes, sharedReads, read } = reading('auto');
    await expect(read()).resolves.toBe(true);
    expect([sharedReads.isEnabled, causes]).toEqual([true, []]);
  });

  it('switch off, within the read, when the parser stops copying', async () => {
    parserThatDoesNotCopy();
    const { causes, sharedReads, read } = reading('auto');
    await expect(Promise.all([read(), read(), read()])).resolves.toEqual([true, true, true]);
    expect([sharedReads.isEnabled, causes]).toEqual([
      false,
      ['the HTTP parser passed on the shared read buffer'],
    ]);
  });

  it('switch off, within the read, when connections stay silent', async () => {
    jest.spyOn(Agent.prototype, 'createConnection').mockImplementation(connectInSilence);
    const { causes, sharedReads, read } = reading('auto');
    await expect(Promise.all([read(), read()])).resolves.toEqual([true, true]);
    expect([sharedReads.isEnabled, causes]).toEqual([
      false,
      ['no response arrived over a connection with the shared buffer'],
    ]);
  });

  it('stay on when S3 is slow after it has responded before', async () => {
    const { sharedReads, read } = reading('auto');
    await read();
    delayMs = 500;
    await expect(read()).rejects.toMatchObject({ failure: 'unavailable' });
    expect(sharedReads.isEnabled).toBe(true);
  });

  it('never start if the setting forbids them', async () => {
    parserThatDoesNotCopy();
    const { causes, sharedReads, read } = reading('never');
    await expect(read()).resolves.toBe(true);
    expect([sharedReads.isEnabled, causes]).toEqual([false, []]);
  });

  it('never stop if the setting forces them: a wrong byte is still not read', async () => {
    parserThatDoesNotCopy();
    const { causes, sharedReads, read } = reading('always');
    await expect(read()).rejects.toMatchObject({ name: 'ReadError', failure: 'unavailable' });
    expect([sharedReads.isEnabled, causes]).toEqual([true, []]);
  });
});
