import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startConsole } from './console.ts';

const cloud = {
  endpoint: 'http://127.0.0.1:1',
  credentials: { admin: { accessKeyId: 'A', secretAccessKey: 'S' }, perRole: {} },
};

/** Starts a program in place of the console. */
function start(code: string) {
  const program = join(mkdtempSync(join(tmpdir(), 'cloud-console-')), 'main.mjs');
  writeFileSync(program, code);
  const said: string[] = [];
  const console = startConsole({
    workspaceRoot: '/',
    env: 'dev',
    cloud,
    say: (line) => said.push(line),
    program,
  });
  const until = async (pattern: RegExp) => {
    for (let n = 0; n < 500 && !said.some((line) => pattern.test(line)); n++) await sleep(20);
    expect(said).toContainEqual(expect.stringMatching(pattern));
  };
  return { console, said, until };
}

it('says the address of the console, forwards its log, and stops it', async () => {
  const { console, said, until } = start(`
    const key = process.env.AWS_ACCESS_KEY_ID + process.env.AWS_SECRET_ACCESS_KEY;
    console.log(JSON.stringify({ url: 'http://127.0.0.1:2/#' + key + process.argv.slice(2).join(' ') }));
    console.error('\\u001b[2J' + '{"message":"change.started"}');
    process.stdin.resume();
  `);
  await until(
    /^The console is at http:\/\/127.0.0.1:2\/#ASserve --env dev --endpoint http:\/\/127.0.0.1:1 --json/,
  );
  await until(/^console: \\u001b\[2J{"message":"change.started"}$/);
  await console.stop();
  expect(said.join()).not.toContain('ended');
});

it('goes on without a console that fails', async () => {
  const { console, until } = start('process.exit(3)');
  await until(/^The console ended with status 3\. The cloud goes on\.$/);
  await console.stop();
});

it('goes on without a console that cannot be started', async () => {
  const node = jest.replaceProperty(process, 'execPath', '/nonexistent/node');
  const { console, until } = start('');
  node.restore();
  await until(/^The console could not be started: .*ENOENT/);
  await console.stop();
});

it('does nothing without the program', async () => {
  const console = startConsole({ workspaceRoot: tmpdir(), env: 'dev', cloud, say: () => undefined });
  await expect(console.stop()).resolves.toBeUndefined();
});
