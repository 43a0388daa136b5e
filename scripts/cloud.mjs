import { join } from 'node:path';
import { nodeBinary, root } from './node.mjs';
import { calledFrom, main, runLast } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm run cloud -- …: runs the embedded cloud with everything deployed to it, and the operator's console. */
await main(async (args) => {
  await setUp();
  await synthesise(args.includes('--no-console') ? [] : ['console']);
  return runLast(nodeBinary(), [join(root, 'tools/local-cloud/src/cli.ts'), ...args], { cwd: calledFrom() });
});
