import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createApp, type AppOptions } from './app.ts';
import { listen } from './listen.ts';
import { pageFiles } from './page-files.ts';
import { standInBackend } from './testing/stand-in-backend.ts';

const TOKEN = 'the-token-of-this-start';

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Ask {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sends no token. */
  anonymous?: true;
}

function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'console-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
  writeFileSync(join(folder, 'assets/a-1.js'), 'true');
  return folder;
}

/** Serves the routes over a stand-in. */
async function serve(overrides: Partial<AppOptions> = {}) {
  const backend = standInBackend();
  const lines: Record<string, unknown>[] = [];
  let port = 0;
  const app = createApp({
    backend,
    token: TOKEN,
    mayChange: true,
    port: () => port,
    page: pageFiles(pageFolder()),
    log: (line) => void lines.push(line),
    ...overrides,
  });
  const server = await listen(app.fetch, 0, false);
  ({ port } = server);

  const ask = ({ method, path = '/api/session', headers = {}, body, anonymous }: Ask = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method: method ?? (content === undefined ? 'GET' : 'POST'),
          headers: {
            ...(!anonymous && { authorization: `Bearer ${TOKEN}` }),
            ...(content !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(content)),
            }),
            ...headers,
          },
        },
        (response) =>
          void text(response).then(
            (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
            reject,
          ),
      );
      outgoing.on('error', reject);
      outgoing.end(content);
    });

  return {
    ask,
    backend,
    lines,
    get port() {
      return port;
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const preview = { kind: 'redrive', all: true };

describe('an attack', () => {
  it('from another machine finds no open port', async () => {
    await using console = await serve();
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one !== undefined && one.family === 'IPv4' && !one.internal);
    const reachable = await Promise.all(
      others.map((one) => fetch(`http://${one?.address}:${console.port}/`).then(Boolean, () => false)),
    );
    expect(reachable).not.toContain(true);
    await expect(console.ask()).resolves.toMatchObject({ status: 200 });
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example', 'localhost:1'])(
    'by DNS rebinding, from a page at %p, is refused before anything is read',
    async (host) => {
      await using console = await serve();
      for (const path of ['/', '/api/session']) {
        await expect(console.ask({ path, headers: { host } })).resolves.toMatchObject({ status: 421 });
      }
    },
  );

  it.each([
    ['another site', 'https://evil.example'],
    ['a page without an origin', 'null'],
    ['another port of this machine', 'http://127.0.0.1:1'],
    ['the same host over TLS', 'https://127.0.0.1'],
  ])('by a request from %s is refused, even with the token', async (_who, origin) => {
    await using console = await serve();
    await expect(console.ask({ headers: { origin } })).resolves.toMatchObject({ status: 403 });
    await expect(
      console.ask({ path: '/api/changes/preview', body: preview, headers: { origin } }),
    ).resolves.toMatchObject({ status: 403 });
    expect(console.backend.executed).toEqual([]);
  });

  it.each(['cross-site', 'same-site'])('by a request that a browser calls %s is refused', async (site) => {
    await using console = await serve();
    const headers = { 'sec-fetch-site': site };
    await expect(console.ask({ headers })).resolves.toMatchObject({ status: 403 });
    await expect(
      console.ask({ headers: { ...headers, 'sec-fetch-mode': 'navigate' } }),
    ).resolves.toMatchObject({ status: 403 });
  });

  it('by a script or frame of another site that embeds the page is refused; a link to it works', async () => {
    await using console = await serve();
    const embed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    await expect(console.ask({ path: '/assets/a-1.js', headers: embed })).resolves.toMatchObject({
      status: 403,
    });
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const { status, headers } = await console.ask({ path: '/file?key=a', headers: link, anonymous: true });
    expect(status).toBe(200);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'by a form, which can only send %s, is refused',
    async (type) => {
      await using console = await serve();
      const asked = { path: '/api/changes/preview', body: preview, headers: { 'content-type': type } };
      await expect(console.ask(asked)).resolves.toMatchObject({ status: 415 });
    },
  );

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['the token as a cookie', { cookie: `token=${TOKEN}` }],
    ['the token by another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('by another user of this machine, with %s, reads and changes nothing', async (_what, headers) => {
    await using console = await serve();
    for (const path of ['/api/session', '/api/file?key=a', '/api/events', `/api/session?token=${TOKEN}`]) {
      const { status, body } = await console.ask({ path, headers, anonymous: true });
      expect([path, status, JSON.parse(body).error]).toEqual([path, 401, 'no-token']);
    }
    const asked = { path: '/api/changes/preview', body: preview, headers, anonymous: true } as const;
    await expect(console.ask(asked)).resolves.toMatchObject({ status: 401 });
  });

  it('by a member that is a web page only gets a file to save', async () => {
    await using console = await serve();
    const { body } = await console.ask({
      path: '/api/downloads',
      body: { bundle: 'x"\r\nset-cookie: a/ü', index: 1 },
    });
    const { url, fileName } = JSON.parse(body);
    const file = await console.ask({ path: url, anonymous: true });
    expect(file).toMatchObject({ status: 200, body: '<script>' });
    expect(file.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(file.headers['set-cookie']).toBeUndefined();
    const [, plain, encoded = ''] =
      /^attachment; filename="([\w.-]+)"; filename\*=UTF-8''([\w.%-]+)$/.exec(
        file.headers['content-disposition'] ?? '',
      ) ?? [];
    expect(plain).toBeDefined();
    expect(decodeURIComponent(encoded)).toBe(fileName);
    // A download works once.
    await expect(console.ask({ path: url })).resolves.toMatchObject({ status: 404 });
  });

  it('by inline code or a foreign script is stopped by the policy of every response', async () => {
    await using console = await serve();
    for (const path of ['/', '/assets/a-1.js', '/api/session', '/api/none', '/none.js']) {
      const { headers } = await console.ask({ path });
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it.each([
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/assets/%2fetc%2fpasswd.js',
  ])('by a path that leaves the page folder, %s, finds nothing', async (path) => {
    await using console = await serve();
    await expect(console.ask({ path })).resolves.toMatchObject({ status: 404 });
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('with %s is refused', async (method) => {
    await using console = await serve();
    await expect(console.ask({ method })).resolves.toMatchObject({ status: 405 });
  });

  it.each([
    ['a body that is too large', 'x'.repeat(300_000), 413],
    ['a body that is not JSON', '{"kind": ', 400],
    ['an unknown kind of change', { kind: 'delete-everything' }, 400],
    ['a drop without a note', { kind: 'drop', all: true, note: ' ' }, 400],
    ['no choice of cases', { kind: 'redrive' }, 400],
    ['a number that is too large', { kind: 'load', action: 'burst', amount: 1e9 }, 400],
  ])('by %s is refused', async (_what, body, status) => {
    await using console = await serve();
    await expect(console.ask({ path: '/api/changes/preview', body })).resolves.toMatchObject({ status });
  });
});

describe('a change', () => {
  const start = async (overrides: Partial<AppOptions> = {}) => {
    const console = await serve(overrides);
    const answer = await console.ask({ path: '/api/changes/preview', body: preview });
    const confirm = async (confirmation: string) =>
      console.ask({ path: '/api/changes', body: { confirmation } });
    return { console, answer, confirm, json: JSON.parse(answer.body) };
  };

  it('is previewed first, happens once after its confirmation, and is logged before and after', async () => {
    const { console, json, confirm } = await start();
    await using _console = console;
    expect(json).toMatchObject({ title: 'Do redrive', consequences: ['One case goes back to the queue.'] });
    expect(console.backend.executed).toEqual([]);
    expect(console.lines).toEqual([]);

    await expect(confirm(json.confirmation)).resolves.toMatchObject({ status: 200 });
    expect(console.backend.executed).toEqual(['redrive']);
    expect(console.lines).toEqual([
      { message: 'change.started', title: 'Do redrive', kind: 'redrive' },
      { message: 'change.done', title: 'Do redrive', kind: 'redrive', ok: true, sentences: ['Done.'] },
    ]);

    const again = await confirm(json.confirmation);
    expect([again.status, JSON.parse(again.body).error]).toEqual([409, 'stale-confirmation']);
    expect(console.backend.executed).toEqual(['redrive']);
  });

  it('is not made with a made-up confirmation', async () => {
    const { console, confirm } = await start();
    await using _console = console;
    await expect(confirm('made-up')).resolves.toMatchObject({ status: 409 });
    expect(console.backend.executed).toEqual([]);
  });

  it('is neither previewed nor made by a console that is read only', async () => {
    const { console, answer, confirm } = await start({ mayChange: false, allowChangesCommand: 'run it' });
    await using _console = console;
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([403, 'read-only']);
    await expect(confirm('made-up')).resolves.toMatchObject({ status: 403 });
    const session = JSON.parse((await console.ask()).body);
    expect(session).toMatchObject({ mayChange: false, allowChangesCommand: 'run it' });
    expect(console.backend.executed).toEqual([]);
  });

  it('that fails is logged as failed', async () => {
    const backend = standInBackend();
    const { prepare } = backend;
    backend.prepare = async (change) => ({
      ...(await prepare(change)),
      execute: async () => {
        throw new Error('broken');
      },
    });
    const { console, json, confirm } = await start({ backend });
    await using _console = console;
    const failed = await confirm(json.confirmation);
    expect([failed.status, JSON.parse(failed.body).error]).toEqual([500, 'internal']);
    expect(failed.body).not.toContain('broken');
    expect(console.lines.map(({ message }) => message)).toEqual([
      'change.started',
      'change.failed',
      'console.failed',
    ]);
  });

  it('that fails in the middle answers with what it changed, and is logged as failed', async () => {
    const backend = standInBackend();
    const { prepare } = backend;
    const result = { ok: false, sentences: ['1 case sent back.', 'Stopped.'] };
    backend.prepare = async (change) => ({
      ...(await prepare(change)),
      execute: async () => ({ ...result, error: new Error('broken') }),
    });
    const { console, json, confirm } = await start({ backend });
    await using _console = console;
    const failed = await confirm(json.confirmation);
    expect([failed.status, JSON.parse(failed.body)]).toEqual([200, result]);
    expect(console.lines.at(-1)).toMatchObject({
      ...{ message: 'change.failed', ...result },
      error: 'Error: broken',
    });
  });

  it('is ended and waited for when the console stops', async () => {
    const backend = standInBackend();
    const { prepare } = backend;
    const { promise: begun, resolve: begin } = Promise.withResolvers<undefined>();
    backend.prepare = async (change) => ({
      ...(await prepare(change)),
      execute: async (signal) => {
        begin(undefined);
        await once(signal, 'abort');
        return { ok: false, sentences: ['Stopped.'] };
      },
    });
    const { console, json, confirm } = await start({ backend });
    // The stop may close the connection before the answer.
    const answer = Promise.allSettled([confirm(json.confirmation)]);
    await begun;
    await console[Symbol.asyncDispose]();
    await answer;
    expect(console.lines.at(-1)).toMatchObject({ message: 'change.done', sentences: ['Stopped.'] });
  });
});

describe('the page', () => {
  it('is served for every view, its hashed files are cached, answers are not', async () => {
    await using console = await serve();
    for (const path of ['/', '/quarantine', '/file?key=a%2Fb.txt', '/index.html']) {
      const { headers, body } = await console.ask({ path, anonymous: true });
      expect(body).toContain('<title>Console</title>');
      expect(headers['cache-control']).toBe('no-cache');
    }
    const asset = await console.ask({ path: '/assets/a-1.js', anonymous: true });
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable'),
    });
    expect((await console.ask()).headers['cache-control']).toBe('no-store');
  });
});

describe('the event stream', () => {
  it('sends the latest figures at once, reads them once for all pages, and stops without pages', async () => {
    let reads = 0;
    const backend = standInBackend({
      flow: async () => ({ at: ++reads, stages: [], deadLetters: 0, bottleneck: { sentence: '' } }),
    });
    await using console = await serve({ backend });
    const open = async () => {
      const stop = new AbortController();
      const { body } = await fetch(`http://127.0.0.1:${console.port}/api/events`, {
        headers: { authorization: `Bearer ${TOKEN}` },
        signal: stop.signal,
      });
      const { value } = (await body?.getReader().read()) ?? {};
      return { text: new TextDecoder().decode(value), stop: () => stop.abort() };
    };
    const first = await open();
    const second = await open();
    expect(first.text).toContain('event: flow\ndata: {"at":1,');
    expect(second.text).toContain('event: flow\ndata: {"at":1,');
    first.stop();
    second.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(reads).toBeLessThanOrEqual(2);
  });
});

describe('listen', () => {
  it('takes the next port if the wanted one is taken, unless only that one will do', async () => {
    const nothing = () => new Response('');
    await using first = await listen(nothing, 0, false);
    await using second = await listen(nothing, first.port, false);
    expect(second.port).not.toBe(first.port);
    await expect(listen(nothing, first.port, true)).rejects.toThrow('EADDRINUSE');
  });
});
