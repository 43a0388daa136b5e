#!/usr/bin/env node
import { runOps } from './commands/program.ts';

// node tools/ops/src/main.ts <command> …, or npx nx run ops:<command> -- …
process.exitCode = await runOps(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
