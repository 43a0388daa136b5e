import { spawn, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { ScratchWorkspace } from './scratch-workspace.ts';

export interface CommandResult {
  status: number | null;
  /** Standard output, and standard error after it. */
  output: string;
}

/** Runs a command in a workspace without the variables that Nx set for this test's process. */
export function run({ path }: ScratchWorkspace, command: string, ...args: string[]): CommandResult {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: path,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...environment(path), CI: 'true', FORCE_COLOR: '0' },
  });
  return { status, output: `${stdout}${stderr}` };
}

function environment(path: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'CI' && !name.startsWith('NX_'));
  const bin = join(path, 'node_modules/.bin');
  return {
    ...Object.fromEntries(inherited),
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
  };
}

/** Questions and the keys typed in response; `\r` is Enter. */
export type Dialogue = readonly (readonly [question: string, keys: string])[];

/** Runs a generator of this plugin on a terminal, and responds to its questions. */
export async function talk(
  { path }: ScratchWorkspace,
  generator: string,
  dialogue: Dialogue,
): Promise<CommandResult> {
  const command = `nx g @data-aggregator/lambda-plugin:${generator}`;
  // `script` provides the terminal. BSD's version takes the command as last argument, Linux's as an option.
  const args =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', ...command.split(' ')]
      : ['-qec', command, '/dev/null'];
  const child = spawn('script', args, { cwd: path, env: environment(path) });
  const open = [...dialogue];
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [question, keys] = open[0] ?? [];
    if (question === undefined || keys === undefined || !plain(output).includes(plain(question))) return;
    open.shift();
    child.stdin.write(keys);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { status, output };
}

/** Terminal output without control sequences and spaces, because prompts are drawn in pieces. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- control sequences are meant
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\s/g, '');
}

/** Runs Nx, which must succeed, and returns its output. */
export function nx(workspace: ScratchWorkspace, ...args: string[]): string {
  const { status, output } = run(workspace, 'nx', ...args);
  if (status !== 0) throw new Error(`nx ${args.join(' ')} ended with status ${status}:\n${output}`);
  return output;
}

/** Runs a generator of this plugin. */
export function generate(workspace: ScratchWorkspace, ...args: string[]): CommandResult {
  const [generator = '', ...options] = args;
  return run(
    workspace,
    'nx',
    'g',
    `@data-aggregator/lambda-plugin:${generator}`,
    ...options,
    '--no-interactive',
  );
}

/** Creates a repository with one commit of the whole workspace. */
export function commitAll(workspace: ScratchWorkspace): void {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    [...author, 'commit', '-q', '-m', 'all'],
  ]) {
    const { status, output } = run(workspace, 'git', ...args);
    if (status !== 0) throw new Error(output);
  }
}

/** The lines of `git status`, one per changed file. */
export function uncommitted(workspace: ScratchWorkspace): string[] {
  const { output } = run(workspace, 'git', 'status', '--porcelain', '--untracked-files=all');
  return output.split('\n').filter((line) => line !== '');
}
