#!/usr/bin/env node
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { runOps } from './commands/program.ts';

// node tools/ops/src/main.ts <command> …, or npx nx run ops:<command> -- …
reportUncaught();
process.exitCode = await runOps(process.argv.slice(2), {
  env: process.env,
  out: stdout.write,
  err: stderr.write,
  terminal: stderr.isTTY ? stderr : undefined,
});
