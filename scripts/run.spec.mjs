import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { colours } from './run.mjs';

const off = { FORCE_COLOR: '0', NO_COLOR: '1' };

it.each([
  ['keeps colours on a terminal', {}, true, {}],
  ['disables colours in a pipe', {}, false, off],
  ['disables colours if NO_COLOR is set', { NO_COLOR: '1' }, true, off],
  ['leaves FORCE_COLOR unchanged', { FORCE_COLOR: '1' }, false, {}],
  ['prefers FORCE_COLOR to NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, {}],
])('%s', (_, env, isTerminal, expected) => {
  expect(colours(env, isTerminal)).toEqual(expected);
});

/* How a signal reaches a program that npm started, on a terminal (which `script` provides) and without one. */

const PROBE = `
import { main, run, runLast } from './run.mjs';

await main(async ([how]) => {
  const work = how === 'step' ? run : runLast;
  const code = await work(process.execPath, ['scripts/work.mjs', how]);
  if (how === 'step') console.log('step ended with ' + code);
  return code;
});
`;
/*
 * Reports each signal, and stops in an orderly way a while after the first: later than a second copy of the signal would
 * arrive, and later than a script notices that npm died (500 ms).
 */
const WORK = `
const handled = process.argv[2] !== 'dies';
let stopping;
for (const signal of handled ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : []) {
  process.on(signal, () => {
    console.log('got ' + signal);
    stopping ??= setTimeout(() => {
      console.log('stopped');
      process.exit(process.argv[2] === 'seven' ? 7 : 0);
    }, 750);
  });
}
console.log('ready');
setInterval(() => undefined, 1000);
`;

let workspace;
beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'signals-')));
  cpSync(__dirname, join(workspace, 'scripts'), { recursive: true });
  writeFileSync(join(workspace, 'scripts/probe.mjs'), PROBE);
  writeFileSync(join(workspace, 'scripts/work.mjs'), WORK);
  // As `npm start` is written. Without `exec`, dash would answer Ctrl-C with 130 whatever the script returns.
  const { start } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).scripts;
  const scripts = { probe: start.replace('start.mjs', 'probe.mjs') };
  writeFileSync(
    join(workspace, 'package.json'),
    JSON.stringify({ name: 'scratch', type: 'module', scripts }),
  );
});
afterAll(() => rmSync(workspace, { recursive: true }));

describe('Ctrl-C on a terminal', () => {
  // `exec`, because `script` starts the user's shell, or dash if SHELL is not set, and dash answers Ctrl-C with 130.
  const onTerminal = (how) =>
    started('script', ['-qec', `exec npm run --silent probe -- ${how}`, '/dev/null']);
  const ctrlC = (child) => child.stdin.write('\u0003');

  it.concurrent.each([
    ['stops', 0],
    ['seven', 7],
  ])('reaches the program once and ends the script with its exit code: %s', async (how, expected) => {
    const { exitCode, text } = await interrupted(onTerminal(how), ctrlC);
    expect(text.match(/got SIGINT|stopped/g)).toEqual(['got SIGINT', 'stopped']);
    expect(exitCode).toBe(expected);
  });

  it.concurrent('ends the script with 130 if it kills the program', async () => {
    const { exitCode } = await interrupted(onTerminal('dies'), ctrlC);
    expect(exitCode).toBe(130);
  });

  it.concurrent('ends the script after the interrupted step, whatever exit code the step returns', async () => {
    const { exitCode, text } = await interrupted(onTerminal('step'), ctrlC);
    expect(text).toContain('step ended with 130');
    expect(exitCode).toBe(130);
  });
});

describe('without a terminal', () => {
  it.concurrent.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    '%s to the script reaches the program once',
    async (signal) => {
      const child = started(process.execPath, ['scripts/probe.mjs', 'seven']);
      const { exitCode, text } = await interrupted(child, () => child.kill(signal));
      expect(text.match(/got \w+|stopped/g)).toEqual([`got ${signal}`, 'stopped']);
      expect(exitCode).toBe(7);
    },
  );

  it.concurrent.each(['SIGINT', 'SIGTERM'])('%s to npm reaches the program once', async (signal) => {
    const child = started('npm', ['run', '--silent', 'probe', '--', 'stops']);
    const { text } = await interrupted(child, () => child.kill(signal));
    expect(text.match(/got \w+|stopped/g)).toEqual([`got ${signal}`, 'stopped']);
  });
});

function started(command, args) {
  const { npm_lifecycle_event: _, ...env } = process.env;
  return spawn(command, args, { cwd: workspace, env, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Interrupts a program once it is ready; resolves when every process has closed its output. */
function interrupted(child, interrupt) {
  return new Promise((resolve, reject) => {
    let text = '';
    let sent = false;
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (sent || !text.includes('ready')) return;
      sent = true;
      interrupt(child);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, text }));
  });
}
