#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { runOps } from './commands/program.ts';

// node tools/ops/src/main.ts <command> …, or npx nx run ops:<command> -- …
reportUncaught();
process.exitCode = await runOps(process.argv.slice(2), {
  env: process.env,
  out: stdout.write,
  err: stderr.write,
  terminal: stderr.isTTY ? stderr : undefined,
  ask: process.stdin.isTTY ? ask : undefined,
});

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: stderr.stream });
  // In raw mode, Ctrl-C is no signal but an event of the terminal.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question(question, { signal });
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    terminal.close();
  }
}
