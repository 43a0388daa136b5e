import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { documentedCommands } from '../docs/commands.ts';
import { WAYS } from '../docs/ways.ts';
import { workspaceRoot } from '../workspace.ts';

/*
 * Runs documented commands under the Node on the user's PATH, instead of the pinned one that npm and npx add. Node 20 is the
 * oldest supported version. (`documentation.spec.ts` checks all other commands.)
 */
const { PATH = '', ...others } = process.env;
const env = {
  ...Object.fromEntries(Object.entries(others).filter(([name]) => !/^(NX|npm|JEST|CDK)_/.test(name))),
  PATH: PATH.split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
  NX_DAEMON: 'false',
  // Nx would start a process per plugin for every command, which doubles its work.
  NX_ISOLATE_PLUGINS: 'false',
};
const run = (command: string) =>
  spawnSync('sh', ['-c', command], { cwd: workspaceRoot, env, encoding: 'utf8' });

const documented = documentedCommands()
  .map(({ text }) => text)
  .filter((text) => WAYS.some(([pattern, { how }]) => how === 'run' && pattern.test(text)));
/** Pages align commands with additional spaces; the shell ignores them. */
const commands = new Set(documented.map((text) => text.replaceAll(/ +/g, ' ')));

it('The system’s Node is supported, and not the pinned one of this workspace', () => {
  const [path = '', version = ''] = run(
    "node -p 'process.execPath' && node -p 'process.versions.node'",
  ).stdout.split('\n');
  expect(path.startsWith(workspaceRoot)).toBe(false);
  expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(20);
});

it.each([...commands])('%s works as written', (command) => {
  const { status, stdout, stderr } = run(command);
  expect({ command, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
    command,
    status: 0,
    output: '',
  });
});
