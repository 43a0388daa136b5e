import { toGroupName } from '@data-aggregator/shared-processing/groups';
import type { Terminal } from '@data-aggregator/terminal';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connect, type Connection, type TargetOptions } from '@data-aggregator/operations/connection';
import { EXIT_CODES, type ExitCode } from '@data-aggregator/operations/errors';
import { createOutput, type Output } from '../output.ts';

/** The process around a command. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Standard error, if a person reads it. */
  terminal?: Terminal | undefined;
  /** Asks the person at the terminal; undefined if there is none. */
  ask?: ((question: string, signal: AbortSignal) => Promise<string>) | undefined;
}

/** Runs a command's work and stores its exit status. */
export type Act = (work: (around: Surroundings) => Promise<ExitCode>) => Promise<void>;

/** The dependencies of a command. */
export interface CommandContext {
  output: Output;
  /** Connects on the first call. @throws OpsError */
  connection: () => Promise<Connection>;
}

/** The dependencies of a command that invokes a function. */
export interface InvokingContext extends Pick<CommandContext, 'output'> {
  connection: () => Promise<Pick<Connection, 'lambda' | 'resources'>>;
}

export type CommonOptions = TargetOptions & { json?: true };

/** Adds the options that every command has. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--target <where>', 'work on the embedded cloud or on AWS')
        .choices(['local', 'aws'])
        .default('local'),
    )
    .option('--endpoint <url>', 'endpoint of the embedded cloud; default: AWS_ENDPOINT_URL')
    .option('--env <name>', 'name of the environment', 'dev')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXIT_CODES);
}

/** Runs a command's work with the output and the connection that its options choose. */
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

/** Parses the time of an option. @returns ms since the epoch @throws InvalidArgumentError */
export function time(value: string): number {
  const [, date] =
    /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.exec(value) ?? [];
  const ms = date !== undefined && isDate(date) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Write a time as 2026-11-22T09:00:00Z.');
  return ms;
}

/** `Date` takes the 31st of June for the 1st of July. */
function isDate(date: string): boolean {
  const midnight = Date.parse(date);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}

/**
 * Parses the group of an option: its name, as in the keys of its bundles, or the text that its objects' keys contain.
 *
 * @returns its name
 * @throws InvalidArgumentError
 */
export function group(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  return toGroupName(value);
}

/** Parses the count of an option. @throws InvalidArgumentError */
export function count(value: string): number {
  const n = Number(value);
  if (!Number.isSafeInteger(n) || n < 1)
    throw new InvalidArgumentError('It must be a positive whole number.');
  return n;
}
