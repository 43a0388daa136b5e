import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { documentedCommands } from '../docs/pages.ts';
import { WAYS } from '../docs/ways.ts';
import { workspaceRoot } from '../workspace.ts';

/*
 * Under the Node that is on the user's path, not the pinned one, which npm and npx bring: 20 is the oldest that is
 * supported. (`documentation.spec.ts` checks all other commands.)
 */
const { PATH = '', ...others } = process.env;
const env = {
  ...Object.fromEntries(Object.entries(others).filter(([name]) => !/^(NX|npm|JEST)_/.test(name))),
  PATH: PATH.split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
  NX_DAEMON: 'false',
};
const run = (command: string) =>
  spawnSync('sh', ['-c', command], { cwd: workspaceRoot, env, encoding: 'utf8' });

const commands = documentedCommands()
  .map(({ text }) => text)
  .filter((text) => WAYS.some(([pattern, { how }]) => how === 'run' && pattern.test(text)));

it('The system’s Node is a supported one, and not the pinned one of this workspace', () => {
  const [path = '', version = ''] = run(
    "node -p 'process.execPath' && node -p 'process.versions.node'",
  ).stdout.split('\n');
  expect(path.startsWith(workspaceRoot)).toBe(false);
  expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(20);
});

it.each(commands)('%s works as it is written', (command) => {
  const { status, stdout, stderr } = run(command);
  expect({ command, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
    command,
    status: 0,
    output: '',
  });
});
