import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, nx, run } from '../testing/nx.ts';
import { type ScratchWorkspace, scratchWorkspace } from '../testing/scratch-workspace.ts';

/**
 * Replaces the CDK CLI: records when each command starts and ends, and takes a while, so that concurrent commands
 * overlap.
 */
const RECORDER = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
const app = args.indexOf('--app');
const command = args.slice(app + 2).join(' ');
const log = (moment) => appendFileSync(join(__dirname, '../log'), JSON.stringify({ moment, command }) + '\\n');
log('begin');
setTimeout(() => log('end'), 400);
`;

interface Recorded {
  /** Commands in the order of their start. */
  commands: string[];
  /** Whether one started before another had ended. */
  overlapped: boolean;
}

function replaceCdk({ path }: ScratchWorkspace): void {
  const cdk = join(path, 'node_modules/aws-cdk');
  rmSync(cdk);
  mkdirSync(join(cdk, 'bin'), { recursive: true });
  writeFileSync(join(cdk, 'package.json'), JSON.stringify({ name: 'aws-cdk', version: '0.0.0' }));
  writeFileSync(join(cdk, 'bin/cdk'), RECORDER);
}

/** Commands recorded since the last call. */
function recorded({ path }: ScratchWorkspace): Recorded {
  const file = join(path, 'node_modules/aws-cdk/log');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(file, { force: true });
  let running = 0;
  let overlapped = false;
  const commands: string[] = [];
  for (const { moment, command } of lines.map((line) => JSON.parse(line) as Record<string, string>)) {
    running += moment === 'begin' ? 1 : -1;
    overlapped ||= running > 1;
    if (moment === 'begin') commands.push(String(command));
  }
  return { commands, overlapped };
}

const deployments = ({ commands }: Recorded) => commands.filter((command) => command.startsWith('deploy '));
const deploying = (...stacks: string[]) =>
  `deploy ${stacks.join(' ')} --exclusively --require-approval never`;

describe('nx affected -t deploy', () => {
  let workspace: ScratchWorkspace;
  let everything: string;

  beforeAll(() => {
    workspace = scratchWorkspace();
    replaceCdk(workspace);
    nx(workspace, 'sync');
    commitAll(workspace);
    const functions = readdirSync(join(workspace.path, 'apps'))
      .filter((name) => existsSync(join(workspace.path, 'apps', name, 'function.json')))
      .sort();
    everything = deploying('stateful', ...functions.map((name) => `application-${name}`), 'observability');
  });
  afterAll(() => workspace[Symbol.dispose]());
  afterEach(() => run(workspace, 'git', 'checkout', '-q', '.'));

  const edit = (file: string) => workspace.write(file, `// A comment.\n${workspace.read(file)}`);
  const affected = (...args: string[]) => {
    const output = nx(workspace, 'affected', '-t', 'deploy', '--output-style=static', ...args);
    return { ...recorded(workspace), output };
  };

  it('deploys a changed function once, and nothing else', () => {
    edit('apps/aggregator/src/handler.ts');
    const { commands, output } = affected('--configuration=dev');
    expect(commands).toEqual([
      'diff application-aggregator --exclusively --method template',
      deploying('application-aggregator'),
    ]);
    expect(output).toContain('only functions changed, and each deploys itself to dev in this run');
  });

  it('deploys two changed functions one after the other', () => {
    edit('apps/aggregator/src/handler.ts');
    edit('apps/reconciler/src/result.ts');
    const result = affected('--configuration=dev');
    expect(deployments(result).sort()).toEqual(
      ['aggregator', 'reconciler'].map((name) => deploying(`application-${name}`)),
    );
    expect(result.overlapped).toBe(false);
  });

  it.each([
    ['infra', ['apps/infra/src/environments/dev.ts']],
    ['infra and a function', ['apps/infra/src/environments/dev.ts', 'apps/aggregator/src/handler.ts']],
    ['a library', ['libs/shared-processing/src/keys/fold.ts']],
  ])('deploys every stack in order, once, after a change to %s', (_change, files) => {
    for (const file of files) edit(file);
    const result = affected('--configuration=dev');
    expect(deployments(result)).toEqual([everything]);
    expect(result.overlapped).toBe(false);
  });

  it('deploys infra and functions to the environment of the configuration', () => {
    edit('apps/aggregator/src/handler.ts');
    const { status, output } = run(workspace, 'nx', 'affected', '-t', 'deploy', '--configuration=prod');
    expect(status).not.toBe(0);
    expect(output).toContain('prod is protected');
    expect(recorded(workspace).commands).toEqual([]);
  });

  it('does not affect a single target, which deploys its own stacks', () => {
    edit('apps/aggregator/src/handler.ts');
    nx(workspace, 'run', 'infra:deploy', '--configuration=dev');
    expect(deployments(recorded(workspace))).toEqual([everything]);
    nx(workspace, 'run', 'aggregator:deploy', '--configuration=dev');
    expect(deployments(recorded(workspace))).toEqual([deploying('application-aggregator')]);
  });

  it('does not run concurrently with another process that deploys to the same environment', async () => {
    const start = () =>
      new Promise<number | null>((resolve, reject) => {
        spawn(process.execPath, ['apps/infra/src/cli.ts', 'deploy', '--env=dev'], { cwd: workspace.path })
          .once('error', reject)
          .once('close', resolve);
      });
    expect(await Promise.all([start(), start()])).toEqual([0, 0]);
    const result = recorded(workspace);
    expect(deployments(result)).toEqual([everything, everything]);
    expect(result.overlapped).toBe(false);
  });
});
