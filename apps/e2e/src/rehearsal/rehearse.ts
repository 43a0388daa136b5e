import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { operationOf } from './aws-command.ts';
import { commandsOf, isMention, type PageCommand } from './page.ts';
import { type Invocation, runProgram } from './programs.ts';

export interface RehearsalOptions {
  /** Text of the page, in Markdown. */
  readonly page: string;
  /** Values of the variables that readers fill in. */
  readonly values: Readonly<Record<string, string>>;
  /** Working directory of the page's commands. */
  readonly folder: string;
  /** Of the SDK's clients. */
  readonly config: { readonly endpoint: string; readonly region: string };
}

/**
 * Runs all commands of a page in one shell, in order.
 *
 * With `REHEARSE_WITH_AWS_CLI=true`, it uses the installed AWS CLI.
 *
 * @returns their output
 * @throws Error with the line of the first command that cannot be run or fails
 */
export async function rehearse({ page, values, folder, config }: RehearsalOptions): Promise<string> {
  const { variables, commands } = commandsOf(page);
  const assignments = variables.map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the rehearsal has no value for ${name}`);
    return `${name}='${value.replaceAll("'", `'\\''`)}'`;
  });
  for (const mention of commands.filter(isMention)) {
    const [, service = '', operation = ''] = mention.text.trim().split(' ');
    operationOf(service, operation);
  }
  const progress = join(folder, 'line');
  writeFileSync(progress, '0');
  const hasCli = process.env['REHEARSE_WITH_AWS_CLI'] === 'true';
  const script = [
    'set -eu',
    // Version 1 of the CLI ignores AWS_ENDPOINT_URL for SQS.
    hasCli ? 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }' : forwarded('aws'),
    forwarded('npx'),
    forwarded('node'),
    ...assignments,
    ...commands.filter((command) => !isMention(command)).map(stepOf),
  ].join('\n');

  await using bridge = await openBridge(config);
  const shell = spawn('sh', ['-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      NODE: process.execPath,
      FORWARD: join(import.meta.dirname, 'forward.ts'),
      REHEARSAL: bridge.url,
      PROGRESS: progress,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'close') as Promise<[number]>,
  ]);
  if (status === 0) return stdout;
  const line = readFileSync(progress, 'utf8').trim();
  const failed = commands.find((command) => String(command.line) === line);
  throw new Error(
    `line ${line} ended with status ${status}:\n${failed?.text ?? ''}\n${stderr}\n${stdout.slice(-2_000)}`,
  );
}

/** A shell function that replaces a program. */
function forwarded(program: string): string {
  return `${program}() { "$NODE" "$FORWARD" ${program} "$@"; }`;
}

function stepOf({ line, text: command }: PageCommand): string {
  return `echo ${line} > "$PROGRESS"\n${command}`;
}

/** Receives the words of each program that the shell runs, and runs it in this process. */
async function openBridge(
  config: RehearsalOptions['config'],
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => runProgram(JSON.parse(body) as Invocation, config))
      // Always respond, or the shell would wait forever.
      .catch((error: unknown) => ({ stdout: '', stderr: `${String(error)}\n`, status: 1 }))
      .then((ended) => response.end(JSON.stringify(ended)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
