import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createSharedReads, shareReadBuffer } from './shared-reads.ts';
import { createTransport, type HttpResponse } from './transport.ts';

const STALLED_AFTER_MS = 300;
let server: Server;
let protocol: 'http:' | 'https:';
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let connections: Set<unknown>;

/** A certificate for this machine, trusted by connections from this process. */
function trustedCertificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  setDefaultCACertificates([made.cert.toString()]);
  return made;
}

const usuallyTrusted = getCACertificates('default');
afterAll(() => setDefaultCACertificates(usuallyTrusted));

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

async function serve(scheme: typeof protocol): Promise<void> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    connections.add(request.socket);
    answer(request, response);
  };
  protocol = scheme;
  server = scheme === 'http:' ? createServer(listener) : createSecureServer(trustedCertificate(), listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

beforeEach(() => {
  connections = new Set();
});
const send = createTransport({
  maxSockets: 4,
  connectionTimeoutMs: 250,
  stalledAfterMs: STALLED_AFTER_MS,
  sharedReads: createSharedReads('always'),
});
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const get = (target: string, port = portOf(server)): Promise<HttpResponse> =>
  send({ protocol, hostname: '127.0.0.1', port, method: 'GET', target, headers: {} });
/** On a busy machine, a body that is being sent may pause for as long as a stalled one. */
const getPatiently = (target: string): Promise<HttpResponse> =>
  send({
    ...{ protocol, hostname: '127.0.0.1', port: portOf(server), method: 'GET', target, headers: {} },
    stalledAfterMs: 10_000,
  });

async function read({ body }: HttpResponse, each: (chunk: Uint8Array) => unknown = () => undefined) {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    await each(chunk);
  }
  return Buffer.concat(chunks);
}

/** Content in which every byte reveals its position. */
const contentOf = (target: string, bytes = 1_500_000) =>
  Buffer.alloc(bytes, Array.from({ length: 999 }, (_, i) => `${target}:${i};`).join(''));

describe.each(hasOpenssl ? (['http:', 'https:'] as const) : (['http:'] as const))('over %s', (scheme) => {
  beforeAll(() => serve(scheme));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    answer = ({ url = '' }, response) => void response.end(contentOf(url));
  });

  it('keeps concurrent bodies apart, however slowly they are read', async () => {
    const targets = ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h'];
    const contents = await Promise.all(
      targets.map(async (target, index) =>
        read(await getPatiently(target), () => new Promise((resolve) => setTimeout(resolve, index % 3))),
      ),
    );
    expect(contents.map((content, i) => content.equals(contentOf(targets[i] ?? '')))).toEqual(
      targets.map(() => true),
    );
    expect(connections.size).toBeLessThanOrEqual(4);
  });

  it('keeps a chunk valid until the next one is requested, and then releases it', async () => {
    const taken: Uint8Array[] = [];
    await read(await get('/a'), (chunk) => taken.push(chunk));
    expect(taken.length).toBeGreaterThan(1);
    expect(taken.map(({ length }) => length)).toEqual(taken.map(() => 0));
  });

  it('stops reading from the connection while the body is not read', async () => {
    let sent = 0;
    answer = (_request, response) => {
      const piece = Buffer.alloc(1024 ** 2);
      const more = () => {
        while (sent < 200 && response.write(piece)) sent++;
        if (sent < 200) response.once('drain', () => void (sent++, more()));
        else response.end();
      };
      more();
    };
    const { body } = await get('/large');
    await body[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(100);
    body.destroy();
  });

  it('reuses a connection after its response has been read', async () => {
    for (let i = 0; i < 5; i++) await read(await get(`/${i}`));
    expect(connections.size).toBe(1);
  });

  it('keeps an idle connection open: the stall timeout applies only to calls', async () => {
    await read(await get('/first'));
    await new Promise((resolve) => setTimeout(resolve, 2 * STALLED_AFTER_MS));
    await read(await get('/second'));
    expect(connections.size).toBe(1);
  });

  it('fails a call without a response, and a body that stalls', async () => {
    answer = () => undefined;
    await expect(get('/silent')).rejects.toMatchObject({ name: 'TimeoutError' });
    answer = (_request, response) => void response.writeHead(200, { 'content-length': 9 }).write('123');
    const stalled = await get('/stalled');
    await expect(read(stalled)).rejects.toThrow();
  });

  // On other systems, a full accept queue behaves differently.
  (process.platform === 'linux' ? it : it.skip)(
    'fails a connection that is not established in time',
    async () => {
      const listen =
        "net.createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () { process.stdout.write(String(this.address().port)) })";
      const deaf = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
      const waiting: Socket[] = [];
      try {
        const [port] = (await once(deaf.stdout, 'data')) as [Buffer];
        deaf.kill('SIGSTOP');
        for (let i = 0; i < 8; i++) {
          waiting.push(connect(Number(port), '127.0.0.1').on('error', () => undefined));
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
        await expect(get('/', Number(port))).rejects.toMatchObject({
          name: 'TimeoutError',
          message: 'connection timed out after 250 ms',
        });
      } finally {
        for (const socket of waiting) socket.destroy();
        deaf.kill('SIGKILL');
      }
    },
  );

  it('fails only the call whose connection is reset', async () => {
    answer = (_request, response) => void response.destroy();
    await expect(get('/cut')).rejects.toMatchObject({ code: 'ECONNRESET' });
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('123', () => response.destroy());
    };
    await expect(get('/cut later').then(read)).rejects.toThrow();
    answer = (_request, response) => void response.end('123');
    await expect(get('/whole').then(read)).resolves.toHaveLength(3);
  });
});

it('reports bytes that arrive for an unknown socket', () => {
  const agent = new Agent();
  let onread: { callback: (bytes: number) => boolean } | undefined;
  agent.createConnection = (options) => {
    onread = (options as NetConnectOpts & { onread: typeof onread }).onread;
    return undefined;
  };
  const onLostBytes = jest.fn();
  shareReadBuffer(Buffer.alloc(10), agent, onLostBytes).createConnection({} as never);
  expect(onLostBytes).not.toHaveBeenCalled();
  onread?.callback(5);
  expect(onLostBytes).toHaveBeenCalledTimes(1);
});
