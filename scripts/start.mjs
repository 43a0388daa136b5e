import { join } from 'node:path';
import { nodeBinary, root } from './node.mjs';
import { calledFrom, main, runLast } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm start -- [folder] [--out folder] [--json]: sends files through the pipeline, see `npm start -- --help`. */
await main(async (args) => {
  await setUp();
  if (!args.includes('--help') && !args.includes('-h')) await synthesise();
  return runLast(nodeBinary(), [join(root, 'apps/e2e/src/folder/main.ts'), ...args], { cwd: calledFrom() });
});
