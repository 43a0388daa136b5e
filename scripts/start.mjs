import { join } from 'node:path';
import { nodeBinary, root } from './node.mjs';
import { calledFrom, main, run, runLast } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm start -- [folder] [--out folder] [--json]: sends files through the pipeline; see `npm start -- --help`. */
await main(async (args) => {
  await setUp();
  const program = join(root, 'tools/quick-start/src/main.ts');
  const cwd = calledFrom();
  const start = () => runLast(nodeBinary(), [program, ...args], { cwd });
  if (args.includes('--help') || args.includes('-h')) return start();
  // Check the arguments first, because building takes a while.
  const code = await run(nodeBinary(), [program, '--check', ...args], { cwd });
  if (code !== 0) return code;
  await synthesise();
  return start();
});
