import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

/** A call of the AWS CLI: `lambda create-function`, with its options by name. */
export interface CliCall {
  command: string;
  options: Readonly<Record<string, string>>;
}

/** Stands in the event for the version id that a PUT would return. */
export const VERSION_PLACEHOLDER = 'the-version';
export const PAGE_REGION = 'eu-west-2';

/** Shell functions that record every call and return fixed answers. */
const STAND_INS = `
set -eu
aws() {
  { printf '%s\\037' "$@"; printf '\\036'; } >> "$CALLS"
  case "$1 $2" in
    'sts get-caller-identity') echo 000000000000 ;;
    'sqs get-queue-url') echo "https://sqs.${PAGE_REGION}.amazonaws.com/000000000000/$4" ;;
    's3api put-object') echo ${VERSION_PLACEHOLDER} ;;
  esac
}
npx() { :; }
sleep() { :; }
`;

/**
 * Runs all shell commands of docs/deploy-without-cdk.md with an AWS CLI that only records.
 *
 * @param folder for the commands' files
 * @returns the calls of the AWS CLI, in order
 * @throws Error if a command fails or a variable is not set
 */
export function runPage(folder: string): CliCall[] {
  const page = readFileSync(join(workspaceRoot, 'docs/deploy-without-cdk.md'), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const calls = join(folder, 'calls');
  execFileSync('sh', ['-c', [STAND_INS, ...blocks].join('\n')], {
    cwd: workspaceRoot,
    env: { ...process.env, TMPDIR: folder, CALLS: calls },
  });
  return readFileSync(calls, 'utf8')
    .split('\x1e')
    .slice(0, -1)
    .map((call) => callOf(call.split('\x1f').slice(0, -1)));
}

function callOf([service, operation, ...rest]: string[]): CliCall {
  const options: Record<string, string> = {};
  for (const [index, word] of rest.entries()) {
    if (word.startsWith('--')) options[word.slice(2)] = rest[index + 1] ?? '';
  }
  return { command: `${service} ${operation}`, options };
}

/** The options of a command's only call. @throws Error if there is none or several */
export function onlyCall(calls: readonly CliCall[], command: string): (name: string) => string {
  const found = calls.filter((call) => call.command === command);
  const [call] = found;
  if (call === undefined || found.length > 1)
    throw new Error(`the page calls "${command}" ${found.length} times`);
  return (name) => {
    const value = call.options[name];
    if (value === undefined) throw new Error(`the page calls "${command}" without --${name}`);
    return value;
  };
}

/** The parsed JSON file that an option names as `file://…`. */
export function jsonOf(option: string): unknown {
  return JSON.parse(readFileSync(option.replace(/^file:\/\//, ''), 'utf8'));
}
