import { Hono, type Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import * as v from 'valibot';
import type { Change, Session } from '../api.ts';
import type { Backend } from './backend.ts';
import { createChanges } from './changes.ts';
import { ConsoleError, failureOf, STATUS } from './console-error.ts';
import { attachment, createDownloads } from './downloads.ts';
import { fail, onlyFromOwnPage, onlyWithToken, protectPage } from './guard.ts';
import type { PageFiles } from './page-files.ts';
import { createHub } from './stream.ts';

export interface AppOptions {
  backend: Backend;
  /** Of this start, random. */
  token: string;
  /** Whether changes are possible. */
  mayChange: boolean;
  /** The command that allows them, if they are not. */
  allowChangesCommand?: string;
  port: () => number;
  page: PageFiles;
  /** Writes one JSON line. */
  log: (line: Record<string, unknown>) => void;
}

/** Pages that may be open at a time: each costs a connection. */
const MAX_PAGES = 50;
/** Bundles that are verified at a time: each downloads a whole bundle, twice. */
const MAX_VERIFYING = 2;
const HEARTBEAT_MS = 15_000;

const key = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024));
const text = v.pipe(v.string(), v.maxLength(1024));
const count = (least: number, most: number) =>
  v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(least), v.maxValue(most));
const time = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(0));

const query = {
  part: v.object({ part: text }),
  key: v.object({ key }),
  bundles: v.object({
    state: v.picklist(['waiting', 'taken']),
    after: v.optional(text),
    limit: v.optional(count(1, 2_000), '500'),
  }),
  members: v.object({
    key,
    part: v.optional(text, ''),
    offset: v.optional(count(0, 1_000_000), '0'),
    limit: v.optional(count(1, 5_000), '500'),
  }),
  logs: v.object({
    function: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'is not the name of a function'))),
    pattern: v.optional(text, ''),
    from: v.optional(time),
    to: v.optional(time),
    after: v.optional(text),
  }),
};

const choice = v.union([
  v.object({ ids: v.pipe(v.array(text), v.minLength(1), v.maxLength(10_000)) }),
  v.object({ reason: text }),
  v.object({ all: v.literal(true) }),
]);
const change = v.union([
  v.intersect([v.object({ kind: v.literal('redrive') }), choice]),
  v.intersect([
    v.object({
      kind: v.literal('drop'),
      note: v.pipe(v.string(), v.trim(), v.nonEmpty('must say why'), v.maxLength(2_000)),
    }),
    choice,
  ]),
  v.object({
    kind: v.literal('load'),
    action: v.picklist(['burst', 'poison', 'kill', 'outage', 'scenario']),
    choice: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
    amount: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000))),
  }),
]);
const body = {
  bundle: v.object({ key }),
  download: v.object({ bundle: key, index: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  confirmation: v.object({ confirmation: text }),
};

/** An app that can be stopped: it ends changes after the case at hand, and waits for them. */
export interface App extends AsyncDisposable {
  fetch: Hono['fetch'];
}

/** The routes of `api.ts`, and the page. */
export function createApp(options: AppOptions): App {
  const { backend, mayChange, log } = options;
  const onError = (error: unknown) => log({ message: 'console.failed', error: describe(error) });
  const hub = createHub(backend, onError);
  const changes = createChanges(log);
  const downloads = createDownloads();
  let verifying = 0;

  const app = new Hono();
  app.use(protectPage);
  app.use(onlyFromOwnPage(options.port));

  app.get('/api/downloads/:ticket', async (context) => {
    const file = downloads.take(context.req.param('ticket'));
    if (file) return attachment(file);
    return fail(context, 404, 'not-found', 'This download was used already, or is older than a minute.');
  });

  app.use('/api/*', onlyWithToken(options.token));

  app.get('/api/session', (context) => {
    const { allowChangesCommand } = options;
    const session: Session = {
      ...backend.session,
      mayChange,
      ...(!mayChange && allowChangesCommand !== undefined && { allowChangesCommand }),
    };
    return context.json(session);
  });

  app.get('/api/events', (context) => {
    if (hub.pages() >= MAX_PAGES) return fail(context, 429, 'busy', 'Too many pages are open.');
    return streamSSE(context, async (stream) => {
      const { promise: closed, resolve: close } = Promise.withResolvers<undefined>();
      const write = (message: { event: string; data: string }) =>
        void stream.writeSSE(message).catch(() => close(undefined));
      const remove = hub.add((event, data) => write({ event, data: JSON.stringify(data) }));
      const heartbeat = setInterval(
        () => void stream.write(': \n\n').catch(() => close(undefined)),
        HEARTBEAT_MS,
      );
      stream.onAbort(() => close(undefined));
      await closed;
      clearInterval(heartbeat);
      remove();
    });
  });

  app.get('/api/flow', async (context) => context.json(await backend.flow()));
  app.get('/api/flow/history', async (context) => context.json(await backend.history()));
  app.get('/api/files', async (context) =>
    context.json(await backend.searchFiles(asked(context, query.part).part)),
  );
  app.get('/api/file', async (context) => context.json(await backend.file(asked(context, query.key).key)));
  app.get('/api/bundles', async (context) =>
    context.json(await backend.bundles(asked(context, query.bundles))),
  );
  app.get('/api/bundle', async (context) =>
    context.json(await backend.bundle(asked(context, query.members))),
  );
  app.get('/api/quarantine', async (context) => context.json(await backend.quarantine()));
  app.get('/api/quarantine/:id', async (context) =>
    context.json(await backend.quarantineCase(context.req.param('id'))),
  );
  app.get('/api/alarms', async (context) => context.json(await backend.alarms()));
  app.get('/api/functions', async (context) => context.json(await backend.functions()));
  app.get('/api/logs', async (context) => {
    const { from = Date.now() - 3_600_000, to = Date.now(), ...rest } = asked(context, query.logs);
    return context.json(await backend.logs({ ...rest, from, to }));
  });
  app.get('/api/cost', async (context) => context.json(await backend.cost()));
  app.get('/api/load', (context) =>
    backend.load
      ? context.json(backend.load.state())
      : fail(context, 404, 'not-found', 'Load exists on the embedded cloud only.'),
  );

  app.post('/api/bundle/verify', async (context) => {
    const { key: bundle } = await sent(context, body.bundle);
    if (verifying >= MAX_VERIFYING) {
      return fail(context, 429, 'busy', `${verifying} bundles are being verified already.`);
    }
    verifying++;
    try {
      return context.json(await backend.verify(bundle));
    } finally {
      verifying--;
    }
  });
  app.post('/api/downloads', async (context) => {
    const { bundle, index } = await sent(context, body.download);
    return context.json(downloads.add(await backend.member(bundle, index)));
  });

  app.use('/api/changes/*', onlyIfAllowed(options));
  app.use('/api/changes', onlyIfAllowed(options));
  app.post('/api/changes/preview', async (context) => {
    const asked: Change = await sent(context, change);
    return context.json(changes.add(await backend.prepare(asked)));
  });
  app.post('/api/changes', async (context) => {
    const { confirmation } = await sent(context, body.confirmation);
    return context.json(await changes.confirm(confirmation));
  });

  app.all('/api/*', (context) => fail(context, 404, 'not-found', 'There is no such route.'));
  app.get(
    '*',
    (context) => options.page(context) ?? fail(context, 404, 'not-found', 'There is no such file.'),
  );
  app.onError((error, context) => {
    const failure = failureOf(error);
    if (failure.error === 'internal') onError(error);
    return context.json(failure, STATUS[failure.error]);
  });
  return {
    fetch: app.fetch,
    async [Symbol.asyncDispose]() {
      hub.stop();
      await changes.stop();
    },
  };
}

/** Refuses changes while the console is read only. */
function onlyIfAllowed({ mayChange }: AppOptions) {
  return async (context: Context, next: () => Promise<void>) => {
    if (mayChange) return next();
    return fail(
      context,
      403,
      'read-only',
      'This console is read only. Start it with --allow-changes to make changes.',
    );
  };
}

/** The query of a request. @throws ConsoleError */
function asked<const S extends v.GenericSchema>(context: Context, schema: S): v.InferOutput<S> {
  return checked(context.req.query(), schema);
}

/** The body of a request. @throws ConsoleError */
async function sent<const S extends v.GenericSchema>(context: Context, schema: S): Promise<v.InferOutput<S>> {
  const raw = await context.req.text();
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch (cause) {
    throw new ConsoleError('invalid', 'The body is not JSON.', { cause });
  }
  return checked(json, schema);
}

function checked<const S extends v.GenericSchema>(input: unknown, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ConsoleError('invalid', `${v.getDotPath(issue) ?? 'The request'}: ${issue.message}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
