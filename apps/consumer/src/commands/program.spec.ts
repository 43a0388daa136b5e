import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { inboxAt } from '../inbox/inbox.ts';
import { currentHolder, takeLock } from '../inbox/lock.ts';
import { keyOf } from '../testing/bundles.ts';
import { inFolder } from '../testing/folder.ts';
import { place } from '../testing/placed.ts';
import { recordedTerminal } from '../testing/recorded-terminal.ts';
import { exit } from './exit.ts';
import { runProgram } from './program.ts';
import { openSession } from './session.ts';
import { readSettings } from './settings.ts';

const NAMES = { DISTRIBUTION_BUCKET: 'dist', ARCHIVE_BUCKET: 'arch', AWS_REGION: 'eu-west-2' };

async function ran(words: readonly string[], variables: Record<string, string> = NAMES) {
  const [out, err] = [recordedTerminal(), recordedTerminal()];
  const env: Record<string, string | undefined> = { ...variables };
  const { signal } = new AbortController();
  const code = await runProgram(words, { env, out: out.terminal, err: err.terminal, signal });
  return { code, out: out.text(), err: err.text(), env };
}

describe('a mistake of its user', () => {
  it.each<[string, string[]]>([
    ['no command', []],
    ['an unknown command', ['start']],
    ['an unknown option', ['verify', '/inbox', '--deep']],
    ['an option of another command', ['status', '--parallel', '2']],
    ['a missing argument', ['replay', '--to', '/inbox']],
    ['one argument too many', ['verify', '/inbox', '/other']],
    ['a variable that is not set', ['status']],
    ['a file that cannot be read', ['once', '--env-file', '/nowhere/consumer.env']],
    ['a folder that is no inbox', ['verify', '/nowhere']],
    ['the name of a folder instead of a key', ['replay', 'bundle-20261122T090001Z-1', '--to', '/inbox']],
    ['a URL instead of a key', ['replay', `s3://dist/${keyOf(1)}`, '--to', '/inbox']],
    ['the key of a manifest', ['replay', 'bundles/acme/x.tar.json', '--to', '/inbox']],
    ['the key of another group', ['replay', keyOf(1), '--to', '/inbox']],
  ])('such as %s is explained on standard error, and changes nothing', async (_what, words) => {
    const { code, out, err } = await ran(words, { ...NAMES, PREFIXES: 'bundles/acme/' });
    expect({ code, out }).toEqual({ code: exit.usage, out: '' });
    expect(err).not.toBe('');
  });
});

it.each([[['--help']], [['help']], [['run', '--help']], [['verify', '--help']]])(
  'is explained by %j',
  async (words) => {
    const { code, out, err } = await ran(words);
    expect({ code, err }).toEqual({ code: exit.success, err: '' });
    expect(out).toContain('Exit codes:');
  },
);

it('adds the variables of a file to the environment, which the SDK reads', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'consumer.env');
    writeFileSync(file, 'AWS_PROFILE=consumer\nPARALLEL=none\n');
    const { code, err, env } = await ran(['once', '--to', folder, '--env-file', file]);
    expect(env['AWS_PROFILE']).toBe('consumer');
    expect({ code, err }).toEqual({ code: exit.usage, err: expect.stringContaining('PARALLEL is "none"') });
  }));

it('prints JSON lines on request, and sentences otherwise', () =>
  inFolder(async (folder) => {
    const inbox = inboxAt(folder);
    await inbox.open();
    const [path = ''] = await place(inbox, keyOf(1), { a: '1' });
    rmSync(path);
    const json = await ran(['verify', folder, '--json']);
    expect(json.code).toBe(exit.findings);
    for (const line of json.out.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect((await ran(['verify', folder, '--allow-missing'])).code).toBe(exit.success);
    expect((await ran(['verify', folder])).out).toMatch(/^missing: /);
  }));

describe('an inbox', () => {
  it.each(['run', 'once', 'replay'])('on which another consumer works is refused by %s', (command) =>
    inFolder(async (folder) => {
      await inboxAt(folder).open();
      const lock = await takeLock(join(folder, '.consumer'));
      const key = command === 'replay' ? [keyOf(1)] : [];
      const { code, err } = await ran([command, ...key, '--to', folder]);
      await lock.release();
      expect({ code, err }).toEqual({ code: exit.locked, err: expect.stringContaining(`${process.pid}`) });
    }),
  );

  it('is free again after a start that failed, such as for a port that is taken', () =>
    inFolder(async (folder) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const { code, err } = await ran(['once', '--to', folder, '--metrics-port', `${port}`]);
      server.close();
      expect({ code, err }).toEqual({ code: exit.later, err: expect.stringContaining(`port ${port}`) });
      await expect(currentHolder(join(folder, '.consumer'))).resolves.toBeUndefined();
    }));

  it('whose lock cannot be released does not fail what was done', () =>
    inFolder(async (folder) => {
      const output = recordedTerminal();
      const settings = readSettings({ to: folder }, NAMES);
      const { signal } = new AbortController();
      const options = { settings, output: output.terminal, json: true, signal, isReplay: false };
      {
        await using session = await openSession(options);
        rmSync(session.inbox.state, { recursive: true });
      }
      expect(output.lines()).toMatchObject([
        { event: 'consumer.started', to: folder },
        { event: 'lock.unreleased', level: 'warn' },
      ]);
    }));
});
