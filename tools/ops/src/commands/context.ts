import { type Command, InvalidArgumentError, Option } from 'commander';
import { connect, type Connection } from '../connection/connect.ts';
import type { TargetOptions } from '../connection/target.ts';
import { EXIT_CODES, type ExitCode } from '../exit.ts';
import { createOutput, type Output } from '../output.ts';

/** What surrounds a command. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
}

/** What a command works with. */
export interface CommandContext {
  output: Output;
  /** The environment, once it is asked for. @throws OpsError */
  connection: () => Promise<Connection>;
}

export type CommonOptions = TargetOptions & { json?: true };

/** Gives a command the options that every command has. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--target <where>', 'the embedded cloud, or AWS').choices(['local', 'aws']).default('local'),
    )
    .option('--endpoint <url>', 'of the embedded cloud; AWS_ENDPOINT_URL where it is not given')
    .option('--env <name>', 'the environment', 'dev')
    .option('--json', 'one JSON document instead of text')
    .addHelpText('after', EXIT_CODES);
}

/** Runs a command's work with what its options ask for. */
export async function inContext(
  options: CommonOptions,
  { env, out, err }: Surroundings,
  work: (session: CommandContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const output = createOutput(options.json === true, { out, err });
  let connected: Promise<Connection> | undefined;
  const connection = () => (connected ??= connect(options, env, output.note));
  return work({ output, connection });
}

/** A time as an option has it. @returns ms since the epoch @throws InvalidArgumentError */
export function time(value: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(value)
    ? Date.parse(value)
    : NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A time reads 2026-11-22T09:00:00Z.');
  return ms;
}

/** A count as an option has it. @throws InvalidArgumentError */
export function count(value: string): number {
  const n = Number(value);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('It is a whole number from 1.');
  return n;
}
