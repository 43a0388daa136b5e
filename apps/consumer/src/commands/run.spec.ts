import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import type { Inbox } from '../inbox/inbox.ts';
import { currentHolder } from '../inbox/lock.ts';
import { type AwsServer, listed, refuse, startAwsServer } from '../testing/aws-server.ts';
import { bundleOf, keyOf } from '../testing/bundles.ts';
import { place } from '../testing/placed.ts';
import { recordedTerminal } from '../testing/recorded-terminal.ts';
import { exit } from './exit.ts';
import { runProgram } from './program.ts';
import { withInbox } from '../testing/inbox.ts';

const KEY = keyOf(1);

let aws: AwsServer & { stop: () => Promise<void> };
beforeAll(async () => {
  aws = await startAwsServer();
});
beforeEach(() => {
  aws.requests = [];
  aws.answer = (_request, response) => listed(response, {});
});
afterAll(() => aws.stop());

async function ran({ root, state }: Inbox, words: readonly string[], signal = new AbortController().signal) {
  const [out, err] = [recordedTerminal(), recordedTerminal()];
  const env = { ...process.env, TO: root, DISTRIBUTION_BUCKET: 'dist', ARCHIVE_BUCKET: 'arch' };
  const code = await runProgram(words, { env, out: out.terminal, err: err.terminal, signal });
  return { code, last: out.lines().at(-1), err: err.text(), holder: await currentHolder(state) };
}

it(
  'once looks for bundles with every prefix, and ends if there are none',
  withInbox(async (inbox) => {
    await expect(ran(inbox, ['once'])).resolves.toMatchObject({
      ...{ code: exit.success, holder: undefined },
      last: { event: 'consumer.finished', bundles: 0, postponed: 0, setAside: 0 },
    });
    const prefixes = aws.requests.map((request) => /prefix=([^&]+)/.exec(request)?.[1]);
    expect(prefixes).toEqual(['bundles%2F', 'replays%2F']);
  }),
);

it(
  'run ends with success when it is told to',
  withInbox(async (inbox) => {
    const stopping = new AbortController();
    aws.answer = (_request, response) => {
      listed(response, {});
      stopping.abort(new Error('ended by SIGTERM'));
    };
    await expect(ran(inbox, ['run'], stopping.signal)).resolves.toMatchObject({
      ...{ code: exit.success, holder: undefined },
      last: { event: 'consumer.stopped', reason: 'Error: ended by SIGTERM' },
    });
  }),
);

describe('while the lock is looked after', () => {
  // Everything but setInterval and clearInterval.
  const doNotFake = ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const;
  const others = ['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const;
  beforeEach(() => jest.useFakeTimers({ doNotFake: [...doNotFake, ...others] }));
  afterEach(() => jest.useRealTimers());

  it(
    'run ends once another consumer has taken the inbox over',
    withInbox(async (inbox) => {
      const theirs = { pid: 1, host: 'elsewhere', process: 'x', state: 'held' };
      aws.answer = (_request, response) => {
        listed(response, {});
        writeFileSync(join(inbox.state, 'lock-2'), JSON.stringify(theirs));
        jest.advanceTimersByTime(10_000);
      };
      await expect(ran(inbox, ['run'])).resolves.toMatchObject({
        ...{ code: exit.locked, err: expect.stringContaining('lock-2'), holder: theirs },
      });
    }),
  );
});

describe('replay', () => {
  it(
    'of a bundle that AWS refuses is left for later, and its receipt stays',
    withInbox(async (inbox) => {
      await place(inbox, KEY, { a: '1' });
      const before = readFileSync(inbox.paths.receipt(KEY), 'utf8');
      aws.answer = (_request, response) => refuse(response, 403, 'AccessDenied');
      await expect(ran(inbox, ['replay', KEY])).resolves.toMatchObject({
        code: exit.later,
        last: { event: 'consumer.finished', bundle: KEY, outcome: 'postponed', condition: 'refused' },
      });
      expect(readFileSync(inbox.paths.receipt(KEY), 'utf8')).toBe(before);
    }),
  );

  it(
    'of a bundle that is gone says so, and its receipt stays',
    withInbox(async (inbox) => {
      await place(inbox, KEY, { a: '1' });
      const before = readFileSync(inbox.paths.receipt(KEY), 'utf8');
      const { manifest } = await bundleOf(KEY, [{ name: 'a', content: '1' }]);
      aws.answer = ({ url }, response) => {
        if (url?.includes(manifestKey(KEY))) response.end(manifest);
        else refuse(response, 404, 'NoSuchKey');
      };
      await expect(ran(inbox, ['replay', KEY])).resolves.toMatchObject({
        ...{ code: exit.findings, last: { event: 'consumer.finished', outcome: 'gone' } },
      });
      expect(readFileSync(inbox.paths.receipt(KEY), 'utf8')).toBe(before);
    }),
  );
});
