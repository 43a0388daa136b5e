#!/usr/bin/env node
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { runConsole } from './command.ts';

// node apps/console/src/main.ts serve|policy …, or npx nx run console:serve -- …
reportUncaught();
process.exitCode = await runConsole(process.argv.slice(2), {
  env: process.env,
  out: stdout.write,
  err: stderr.write,
});
