import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { visible } from '@data-aggregator/terminal';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { policyOf, type PolicyOptions } from './policy.ts';
import { createBackend } from './queries/backend.ts';
import { connectEnvironment } from './queries/environment.ts';
import { createApp } from './server/app.ts';
import { listen } from './server/listen.ts';
import { pageFiles } from './server/page-files.ts';

/** The process around a command. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
}

interface ServeOptions {
  target: 'local' | 'aws';
  endpoint?: string;
  env: string;
  port?: number;
  allowChanges?: true;
  json?: true;
  stopWithInput?: true;
}

const WORKSPACE = join(import.meta.dirname, '../../..');
const PAGE = join(import.meta.dirname, '../dist/page');
/** Tried first; the next ones if it is taken. */
export const DEFAULT_PORT = 4600;

/** Runs a command. @param words the arguments after the program's name @returns the exit status */
export async function runConsole(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  const program = new Command('console').description("The operator's console in the browser.");
  program
    .command('serve')
    .description('Serves the console on this machine until Ctrl-C, and prints its address.')
    .addOption(
      new Option('--target <where>', 'show the embedded cloud or AWS')
        .choices(['local', 'aws'])
        .default('local'),
    )
    .option('--endpoint <url>', 'endpoint of the embedded cloud; default: the one that runs here')
    .option('--env <name>', 'name of the environment', 'dev')
    .option('--port <number>', `port; default: ${DEFAULT_PORT}, or a free one if it is taken`, port)
    .option('--allow-changes', 'allow changes on AWS; each is confirmed and logged')
    .option('--json', 'when ready, print one line of JSON')
    // For a program that starts the console: it also stops if that program was killed.
    .addOption(new Option('--stop-with-input', 'stop when standard input ends').hideHelp())
    .addHelpText('after', '\nExit status: 0 stopped by Ctrl-C or another signal, 1 failure, 2 usage error.')
    .action((options: ServeOptions) => serve(options, around));
  program
    .command('policy')
    .description('Prints the minimal IAM policy of a console on AWS, as JSON.')
    .option('--env <name>', 'name of the environment', 'dev')
    .option('--allow-changes', 'include what redrive and drop need')
    .option('--account <id>', 'account; default: any', matching(/^\d{12}$/, 'An account has 12 digits.'))
    .option('--region <name>', 'region; default: any', matching(/^[a-z0-9-]+$/, 'Such as eu-west-2.'))
    .option('--partition <name>', 'partition', matching(/^aws[a-z-]*$/, 'Such as aws-cn.'), 'aws')
    .action((options: PolicyOptions) => around.out(`${JSON.stringify(policyOf(options), undefined, 2)}\n`));
  redirect(program, around);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exit.success;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.success : exit.usage;
    if (!(error instanceof OpsError)) throw error;
    around.err(`${visible(error.message)}\n`);
    return error.code;
  }
}

/** Serves until a signal. */
async function serve(options: ServeOptions, { env, out, err }: Surroundings): Promise<void> {
  const stopped = untilSignal(options.stopWithInput === true);
  await using cleanup = new AsyncDisposableStack();
  const environment = await connectEnvironment(options, env, WORKSPACE, (sentence) => err(`${sentence}\n`));
  const backend = createBackend(environment, {
    runbook: join(WORKSPACE, 'docs/runbook.md'),
    assemblies: join(WORKSPACE, 'apps/infra/cdk.out'),
    root: WORKSPACE,
  });
  if (backend.load) cleanup.defer(backend.load.stop);
  if (!existsSync(join(PAGE, 'index.html'))) {
    err('The page is not built. Run "npx nx build console"; "npx nx run console:serve" does so by itself.\n');
  }
  const token = randomBytes(24).toString('base64url');
  const about = { user: userInfo().username, target: options.target, environment: options.env };
  let ownPort = 0;
  const app = cleanup.use(
    createApp({
      backend,
      token,
      // On the embedded cloud, nothing that matters can be changed.
      mayChange: options.target === 'local' || options.allowChanges === true,
      allowChangesCommand: `npx nx run console:serve -- --target aws --env ${options.env} --allow-changes`,
      port: () => ownPort,
      page: pageFiles(PAGE),
      log: (line) => err(`${JSON.stringify({ time: new Date().toISOString(), ...about, ...line })}\n`),
    }),
  );
  const listening = cleanup.use(
    await listen(app.fetch, options.port ?? DEFAULT_PORT, options.port !== undefined).catch(
      (error: unknown) => {
        throw new OpsError(`The port cannot be used: ${(error as Error).message}`, exit.failure, {
          cause: error,
        });
      },
    ),
  );
  ownPort = listening.port;
  const url = `http://127.0.0.1:${ownPort}/#token=${token}`;
  if (options.json) out(`${JSON.stringify({ url, token, port: ownPort })}\n`);
  else out(announcement(url, options, backend.session.refresh.sentence));
  await stopped;
}

function announcement(url: string, { target, env, allowChanges }: ServeOptions, cost: string): string {
  const what = target === 'local' ? `the embedded cloud, environment ${env}` : `AWS, environment ${env}`;
  const changes =
    target === 'aws' && !allowChanges
      ? 'It is read only. Add --allow-changes to make changes.'
      : 'Changes are confirmed and logged here.';
  return [
    `The console of ${what} is at`,
    `  ${url}`,
    'The address contains the token of this start; whoever has it sees what you see.',
    `${changes} ${cost} Ctrl-C stops it.`,
    '',
  ].join('\n');
}

/** Resolves at the first stop signal. Ctrl-C arrives twice, from the terminal and from Nx; the second is ignored. */
function untilSignal(orInputEnds: boolean): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  if (orInputEnds) process.stdin.resume().once('end', resolve).once('error', resolve);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  return promise;
}

function matching(pattern: RegExp, problem: string) {
  return (value: string): string => {
    if (pattern.test(value)) return value;
    throw new InvalidArgumentError(problem);
  };
}

function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

/** Makes commands throw instead of ending the process, and write to the given outputs. */
function redirect(command: Command, { out, err }: Pick<Surroundings, 'out' | 'err'>): void {
  command.exitOverride().configureOutput({ writeOut: out, writeErr: err });
  for (const sub of command.commands) redirect(sub, { out, err });
}
