import { join } from 'node:path';
import { nodeBinary, root } from './node.mjs';
import { calledFrom, main, runLast } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm run cloud -- …: runs the embedded cloud with everything deployed to it, and the operator's console. */
await main(async (args) => {
  await setUp();
  const program = join(root, 'tools/local-cloud/src/cli.ts');
  const start = () => runLast(nodeBinary(), [program, ...args], { cwd: calledFrom() });
  if (args.includes('--help') || args.includes('-h')) return start();
  await synthesise(args.includes('--no-console') ? [] : ['console']);
  return start();
});
