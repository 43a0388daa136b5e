import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BundlePage, ChangePreview, ChangeResult, FileSearch, StreamEvents } from '../api.ts';
import * as fixtures from './fixtures.ts';

const PAGE = join(import.meta.dirname, '../../dist/page');
export const TOKEN = 'token-of-the-fixtures';

/** The strictest policy under which the page must work. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** What a route returns for a query and a body. An error's `status` is the response's. */
type Route = (query: URLSearchParams, body: unknown) => unknown;

/** A server with fixed data, for views that need hostile or very much data. */
export interface FixtureServer extends AsyncDisposable {
  /** Without a token. */
  origin: string;
  /** Replaces routes, by method and path: `GET /api/bundles`. */
  routes: Record<string, Route>;
  /** Sends an event to every page. */
  emit: <Name extends keyof StreamEvents>(name: Name, data: StreamEvents[Name]) => void;
  /** Cuts all connections and accepts none until `up`. */
  down: () => Promise<void>;
  up: () => Promise<void>;
  /** Paths of requests without the token. */
  refused: string[];
  /** Bodies of POST requests, by path. */
  posted: { path: string; body: unknown }[];
}

export async function startFixtureServer(): Promise<FixtureServer> {
  const routes = routesOfFixtures();
  const streams = new Set<ServerResponse>();
  const [refused, posted]: [string[], FixtureServer['posted']] = [[], []];

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname;
    if (!path.startsWith('/api/')) return sendFile(path, response);
    if (path.startsWith('/api/downloads/')) {
      response
        .writeHead(200, { 'content-disposition': 'attachment; filename="member.xml"' })
        .end('content of a member');
      return;
    }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      refused.push(path);
      return sendJson(response, 401, { error: 'no-token', message: 'The token is missing.' });
    }
    if (path === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      streams.add(response);
      response.on('close', () => streams.delete(response));
      for (const [name, data] of Object.entries(firstEvents())) write(response, name, data);
      return;
    }
    const body = request.method === 'POST' ? (JSON.parse(await text(request)) as unknown) : undefined;
    if (request.method === 'POST') posted.push({ path, body });
    const route =
      routes[`${request.method ?? 'GET'} ${path}`] ??
      routes[`${request.method ?? 'GET'} ${path.replace(/\/[^/]+$/, '/:id')}`];
    if (!route) return sendJson(response, 404, { error: 'not-found', message: `There is no ${path}.` });
    if (path.startsWith('/api/quarantine/'))
      url.searchParams.set('id', decodeURIComponent(path.split('/').at(-1) ?? ''));
    try {
      sendJson(response, 200, route(url.searchParams, body));
    } catch (error) {
      sendJson(response, 500, { error: 'internal', message: (error as Error).message });
    }
  };

  const server = createServer((request, response) => void respond(request, response));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const live = setInterval(() => {
    for (const stream of streams) write(stream, 'flow', fixtures.flow(Date.now()));
  }, 1_000);
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    origin: `http://127.0.0.1:${port}`,
    routes,
    emit: (name, data) => {
      for (const stream of streams) write(stream, name, data);
    },
    down,
    up: () => listen(port),
    refused,
    posted,
    [Symbol.asyncDispose]: async () => {
      clearInterval(live);
      if (server.listening) await down();
    },
  };
}

function firstEvents(): StreamEvents | Omit<StreamEvents, 'failure'> {
  const now = Date.now();
  return { flow: fixtures.flow(now), alarms: fixtures.alarmList(now).counts, load: fixtures.load(now) };
}

function write(stream: ServerResponse, name: string, data: unknown): void {
  stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

function sendFile(path: string, response: ServerResponse): void {
  const file = normalize(join(PAGE, path === '/' ? 'index.html' : path));
  if (!file.startsWith(PAGE) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  });
  createReadStream(file).pipe(response);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function routesOfFixtures(): Record<string, Route> {
  const now = Date.now();
  const allBundles = fixtures.bundles(10_000, now);
  const allMembers = fixtures.members(5_200, now);
  const routes: Record<string, Route> = {
    'GET /api/session': () => fixtures.session(),
    'GET /api/flow/history': () => fixtures.history(Date.now()),
    'GET /api/files': (query): FileSearch => {
      const part = query.get('part') ?? '';
      const files = fixtures.files(now).filter(({ key }) => key.includes(part));
      return { part, files, isPartial: false, sentence: 'Searched the 305 files that landed since 08:00.' };
    },
    'GET /api/file': (query) => fixtures.fileReport(query.get('key') ?? '', now),
    'GET /api/bundles': (query): BundlePage => {
      const state = query.get('state') === 'taken' ? 'taken' : 'waiting';
      const start = Number(query.get('after') ?? 0);
      const end = start + Number(query.get('limit') ?? 500);
      const next = end < allBundles.length ? { next: String(end) } : {};
      return {
        state,
        bundles: allBundles.slice(start, end).map((bundle) => ({ ...bundle, state })),
        ...next,
      };
    },
    'GET /api/bundle': (query) => {
      const part = query.get('part') ?? '';
      const offset = Number(query.get('offset') ?? 0);
      const matching = allMembers.filter(({ key, name }) => key.includes(part) || name.includes(part));
      return {
        ...fixtures.bundleDetail(query.get('key') ?? '', allMembers, now),
        matching: matching.length,
        members: matching.slice(offset, offset + Number(query.get('limit') ?? 500)),
      };
    },
    'POST /api/bundle/verify': (_query, body) => ({
      key: (body as { key: string }).key,
      place: 'distribution-1/bundles/…',
      files: 5_200,
      problems: [],
      seconds: 1.4,
    }),
    'POST /api/downloads': () => ({
      url: '/api/downloads/t1',
      fileName: 'member.xml',
      size: 19,
      expiresAt: now + 60_000,
    }),
    'GET /api/quarantine': () => fixtures.quarantine(now),
    'GET /api/quarantine/:id': (query) => fixtures.quarantineCase(query.get('id') ?? '', now),
    'GET /api/alarms': () => fixtures.alarmList(now),
    'GET /api/functions': () => fixtures.functionList(now),
    'GET /api/logs': (query) => {
      const pattern = query.get('pattern') ?? '';
      const events = fixtures.logEvents(now, 120);
      return { events: events.filter((event) => JSON.stringify(event).includes(pattern)) };
    },
    'GET /api/cost': () => fixtures.cost(),
    'GET /api/load': () => fixtures.load(Date.now()),
    'POST /api/changes/preview': (): ChangePreview => ({
      confirmation: 'c1',
      expiresAt: now + 120_000,
      title: 'Redrive 1 case',
      consequences: [
        '1 message is sent to the aggregator’s queue.',
        'Its dead letter and its quarantine mark are removed.',
      ],
      affected: [fixtures.HOSTILE_KEYS.markup],
      affectedTotal: 1,
      isFinal: false,
      confirmLabel: 'Redrive 1 case',
    }),
    'POST /api/changes': (): ChangeResult => ({ ok: true, sentences: ['1 case was redriven.'] }),
  };
  return routes;
}
