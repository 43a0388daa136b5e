import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Session } from '../api.ts';
import { createApp } from '../server/app.ts';
import type { Backend } from '../server/backend.ts';
import { listen, type Listening } from '../server/listen.ts';
import { pageFiles } from '../server/page-files.ts';
import * as fixtures from './fixtures.ts';

const PAGE = join(import.meta.dirname, '../../dist/page');
export const TOKEN = 'token-of-the-fixtures';
export const MEMBER_CONTENT = 'content of a member';

/** The console's own server over fixed data, for views that need hostile or very much data. */
export interface FixtureServer extends AsyncDisposable {
  /** As the console prints it: with the token. */
  address: string;
  /** Without the token. */
  origin: string;
  /** The address of a view: `#/bundles`. */
  at: (view: string) => string;
  /** Changes made through the page. */
  changes: string[];
  /** Cuts all connections and accepts none until `up`. */
  down: () => Promise<void>;
  up: () => Promise<void>;
}

/** @param overrides of the session or the backend */
export async function startFixtureServer(
  overrides: { session?: Partial<Session>; backend?: Partial<Backend> } = {},
): Promise<FixtureServer> {
  const changes: string[] = [];
  const { mayChange, allowChangesCommand, ...session } = fixtures.session(overrides.session);
  const backend: Backend = { ...fixtureBackend(changes), session, ...overrides.backend };
  let server: Listening | undefined;
  let port = 0;
  const app = createApp({
    backend,
    token: TOKEN,
    mayChange,
    ...(allowChangesCommand !== undefined && { allowChangesCommand }),
    port: () => port,
    page: pageFiles(PAGE),
    log: () => undefined,
  });
  const up = async () => {
    server = await listen(app.fetch, port, port !== 0);
    ({ port } = server);
  };
  const down = async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  };
  await up();
  return {
    address: `http://127.0.0.1:${port}/#token=${TOKEN}`,
    origin: `http://127.0.0.1:${port}`,
    at: (view) => `http://127.0.0.1:${port}/${view}`,
    changes,
    down,
    up,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await down();
    },
  };
}

function fixtureBackend(changes: string[]): Omit<Backend, 'session'> {
  const now = Date.now();
  const allBundles = fixtures.bundles(10_000, now);
  const allMembers = fixtures.members(5_200, now);
  return {
    flow: async () => fixtures.flow(Date.now()),
    history: async () => fixtures.history(Date.now()),
    searchFiles: async (part) => ({
      part,
      files: fixtures.files(now).filter(({ key }) => key.includes(part)),
      isPartial: false,
      sentence: 'Searched the 305 files that landed since 08:00.',
    }),
    file: async (key) => fixtures.fileReport(key, now),
    bundles: async ({ state, after = '0', limit }) => {
      const [start, end] = [Number(after), Number(after) + limit];
      return {
        state,
        bundles: allBundles.slice(start, end).map((bundle) => ({ ...bundle, state })),
        ...(end < allBundles.length && { next: String(end) }),
      };
    },
    bundle: async ({ key, part, offset, limit }) => {
      const matching = allMembers.filter((member) => member.key.includes(part) || member.name.includes(part));
      return {
        ...fixtures.bundleDetail(key, allMembers, now),
        matching: matching.length,
        members: matching.slice(offset, offset + limit),
      };
    },
    verify: async (key) => ({
      key,
      place: `distribution-1/${key}`,
      files: 5_200,
      problems: [],
      seconds: 1.4,
    }),
    member: async () => ({
      fileName: '<b>member</b>.xml',
      size: MEMBER_CONTENT.length,
      open: async () => Readable.from([Buffer.from(MEMBER_CONTENT)]),
    }),
    quarantine: async () => fixtures.quarantine(now),
    quarantineCase: async (id) => fixtures.quarantineCase(id, now),
    alarms: async () => fixtures.alarmList(now),
    functions: async () => fixtures.functionList(now),
    logs: async ({ pattern }) => ({
      events: fixtures.logEvents(now, 120).filter((event) => JSON.stringify(event).includes(pattern)),
    }),
    cost: async () => fixtures.cost(),
    load: {
      state: () => fixtures.load(now),
      onChange: () => () => undefined,
      stop: async () => undefined,
    },
    prepare: async (change) => ({
      preview: {
        title: 'Redrive 1 case',
        consequences: [
          'One message is sent to the aggregator’s queue.',
          'Its dead letter and its quarantine mark are removed.',
        ],
        affected: [fixtures.HOSTILE_KEYS.markup],
        affectedTotal: 1,
        isFinal: change.kind === 'drop',
        confirmLabel: change.kind === 'drop' ? 'Drop 1 case' : 'Redrive 1 case',
      },
      execute: async () => {
        changes.push(JSON.stringify(change));
        return { ok: true, sentences: ['One case was changed.'] };
      },
      log: {},
    }),
  };
}
