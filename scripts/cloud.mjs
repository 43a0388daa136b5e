import { join } from 'node:path';
import { calledFrom, installed, main, root, run } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/* npm run cloud -- …: keeps the embedded cloud running, with everything deployed to it. */
await main(async (args) => {
  await setUp();
  await synthesise();
  const cli = join(root, 'tools/local-cloud/src/cli.ts');
  return run(installed('node'), [cli, ...args], { cwd: calledFrom(), stopsInOrder: true });
});
