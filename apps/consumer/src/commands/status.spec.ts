import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { type Inbox, inboxAt } from '../inbox/inbox.ts';
import { takeLock } from '../inbox/lock.ts';
import { type AwsServer, listed, refuse, startAwsServer } from '../testing/aws-server.ts';
import { keyOf, NINE } from '../testing/bundles.ts';
import { inFolder } from '../testing/folder.ts';
import { place, plan } from '../testing/placed.ts';
import { recordedTerminal } from '../testing/recorded-terminal.ts';
import { exit } from './exit.ts';
import { runProgram } from './program.ts';
import { withInbox } from '../testing/inbox.ts';

const DAY = 86_400_000;

let aws: AwsServer & { stop: () => Promise<void> };
beforeAll(async () => {
  aws = await startAwsServer();
});
beforeEach(() => {
  aws.requests = [];
  aws.answer = (_request, response) => listed(response, {});
});
afterAll(() => aws.stop());

async function statusOf({ root }: Inbox, signal = new AbortController().signal) {
  const [out, err] = [recordedTerminal(), recordedTerminal()];
  const env = { ...process.env, TO: root, DISTRIBUTION_BUCKET: 'dist', ARCHIVE_BUCKET: 'arch' };
  const code = await runProgram(['status', '--json'], { env, out: out.terminal, err: err.terminal, signal });
  return { code, status: out.lines()[0], sentence: err.text() };
}

it(
  'shows nothing of an inbox that is new',
  withInbox(async (inbox) => {
    await expect(statusOf(inbox)).resolves.toMatchObject({
      code: exit.success,
      status: {
        running: null,
        delivered: { bundles: 0, files: 0, bytes: 0, bundlesLastDay: 0, filesLastDay: 0 },
        last: null,
        waiting: { bundles: 0, oldestSeconds: 0 },
        ...{ interrupted: 0, pendingHooks: 0, setAside: [], damagedReceipts: 0 },
        freeBytes: expect.any(Number),
      },
    });
  }),
);

it(
  'shows what was delivered, what waits, and who works',
  withInbox(async (inbox) => {
    const lock = await takeLock(inbox.state);
    await place(inbox, keyOf(1), { a: '12345', b: '678' });
    await place(inbox, keyOf(2), { c: '' });
    await inbox.expectHook(keyOf(2));
    await plan(inbox, keyOf(3), { d: '' });
    const oldest = Date.now() - 100_000;
    aws.answer = ({ url }, response) => {
      if (url?.includes('replays')) return listed(response, { 'replays/r/x.tar': oldest });
      if (url?.includes('start-after')) return listed(response, { [keyOf(5)]: oldest + 50_000 });
      listed(response, { [keyOf(4)]: oldest + 40_000, 'bundles/index.html': 0 }, true);
    };
    const { code, status } = await statusOf(inbox);
    await lock.release();
    expect(code).toBe(exit.success);
    expect(status).toMatchObject({
      running: { pid: process.pid },
      delivered: { bundles: 2, files: 3, bytes: 8 },
      last: { bundle: keyOf(1), at: new Date(NINE + 2_000).toISOString(), landingToDiskSeconds: 2 },
      waiting: { bundles: 3 },
      ...{ interrupted: 1, pendingHooks: 1 },
    });
    const { oldestSeconds } = (status as { waiting: { oldestSeconds: number } }).waiting;
    expect(oldestSeconds).toBeGreaterThanOrEqual(100);
    expect(oldestSeconds).toBeLessThanOrEqual(Math.round((Date.now() - oldest) / 1000));
  }),
);

it(
  'counts what was delivered in the last day',
  withInbox(async (inbox) => {
    const now = Date.now();
    await place(inbox, keyOf(1), { a: '', b: '' }, now - DAY - 60_000);
    await place(inbox, keyOf(2), { c: '', d: '' }, now - DAY + 60_000);
    const { status } = await statusOf(inbox);
    expect(status).toMatchObject({
      delivered: { bundles: 2, bundlesLastDay: 1, filesLastDay: 2 },
      last: { bundle: keyOf(2) },
    });
  }),
);

it(
  'uses AWS’s time if the clock of this machine is wrong',
  withInbox(async (inbox) => {
    const now = Date.now();
    const fast = jest.spyOn(Date, 'now').mockReturnValue(now + 2 * DAY);
    await place(inbox, keyOf(1), { a: '' }, now - 60_000);
    aws.answer = (_request, response) => {
      if (aws.requests.length === 1) refuse(response, 403, 'RequestTimeTooSkewed');
      else listed(response, { [keyOf(2)]: now - 3_600_000 });
    };
    const { status } = await statusOf(inbox);
    fast.mockRestore();
    expect(status).toMatchObject({ delivered: { bundlesLastDay: 1 } });
    const { oldestSeconds } = (status as { waiting: { oldestSeconds: number } }).waiting;
    expect(oldestSeconds).toBeLessThan(DAY / 1000);
  }),
);

it(
  'changes nothing, however old a download is',
  withInbox(async (inbox) => {
    const download = inbox.paths.work(keyOf(1));
    mkdirSync(download);
    utimesSync(download, 0, 0);
    const before = readdirSync(inbox.state, { recursive: true });
    await statusOf(inbox);
    expect(readdirSync(inbox.state, { recursive: true })).toEqual(before);
  }),
);

it.each<[string, (inbox: Inbox) => Promise<void> | void]>([
  [
    'a bundle is set aside',
    (inbox) => inbox.setAside({ key: keyOf(1), reason: 'not-a-bundle', detail: '', at: '' }),
  ],
  ['a receipt is damaged', ({ paths }) => writeFileSync(paths.receipt(keyOf(9)), '{')],
])('ends with an exit code of its own if %s', (_what, change) =>
  withInbox(async (inbox) => {
    await place(inbox, keyOf(9), { a: '' });
    await change(inbox);
    await expect(statusOf(inbox)).resolves.toMatchObject({ code: exit.findings });
  })(),
);

it.each([
  [403, 'AccessDenied'],
  [404, 'NoSuchBucket'],
  [400, 'InvalidRequest'],
  [503, 'SlowDown'],
  [500, 'InternalError'],
])('can be tried again later if AWS does not tell what waits: %i %s', (httpStatus, code) =>
  withInbox(async (inbox) => {
    aws.answer = (_request, response) => refuse(response, httpStatus, code);
    await expect(statusOf(inbox)).resolves.toEqual({
      ...{ code: exit.later, status: undefined, sentence: expect.stringContaining(code) },
    });
  })(),
);

it.each<[string, (stop: () => void) => void]>([
  ['before its first request', (stop) => stop()],
  ['during a request', (stop) => (aws.answer = stop)],
  [
    'after its requests',
    (stop) => {
      aws.answer = ({ url }, response) => {
        listed(response, {});
        if (url?.includes('replays')) response.on('finish', stop);
      };
    },
  ],
])('stops when it is told to %s', (_when, arrange) =>
  withInbox(async (inbox) => {
    await place(inbox, keyOf(1), { a: '' });
    const stopping = new AbortController();
    const reason = new Error('ended by SIGINT');
    arrange(() => stopping.abort(reason));
    await expect(statusOf(inbox, stopping.signal)).rejects.toBe(reason);
  })(),
);

it('refuses a folder that is no inbox', () =>
  inFolder(async (folder) => {
    await expect(statusOf(inboxAt(folder))).resolves.toMatchObject({ code: exit.usage });
  }));
