import { join } from 'node:path';
import { nodeBinary, root } from './node.mjs';
import { calledFrom, main, runLast } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm start -- [folder] [--out folder] [--json]: sends files through the pipeline; see `npm start -- --help`. */
await main(async (args) => {
  await setUp();
  const program = join(root, 'tools/quick-start/src/main.ts');
  const start = (...given) => runLast(nodeBinary(), [program, ...given], { cwd: calledFrom() });
  if (args.includes('--help') || args.includes('-h')) return start(...args);
  // Check the arguments first, because building takes a while.
  const code = await start('--check', ...args);
  if (code !== 0) return code;
  await synthesise();
  return start(...args);
});
