import { parseArgs } from 'node:util';

/** Which files a run of `nx affected` compares, as its options say. */
export interface ChangeSelection {
  base: string | undefined;
  head: string | undefined;
  files: readonly string[] | undefined;
  uncommitted: boolean;
  untracked: boolean;
}

/** The deployments that a command line of Nx asks for. */
export type DeployRun =
  /** No run of several projects, or none that deploys, or one whose projects the caller chose. */
  { kind: 'other' } | { kind: 'all' } | { kind: 'affected'; selection: ChangeSelection };

/** Options that choose projects by name. With them, infra or a function may be left out, so each deploys for itself. */
const CHOOSING = ['projects', 'exclude'] as const;

/**
 * Reads a command line such as `nx affected -t deploy --configuration=dev`.
 *
 * @param args what follows `nx`
 */
export function deployRun(args: readonly string[], env: NodeJS.ProcessEnv = {}): DeployRun {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const { values, positionals } = parseArgs({
    args: [...own],
    strict: false,
    allowPositionals: true,
    options: {
      // Declared only so that their values are not read as further short options.
      target: { type: 'string', short: 't' },
      configuration: { type: 'string', short: 'c' },
      projects: { type: 'string', short: 'p' },
      exclude: { type: 'string' },
      base: { type: 'string' },
      head: { type: 'string' },
      files: { type: 'string' },
      uncommitted: { type: 'boolean' },
      untracked: { type: 'boolean' },
      all: { type: 'boolean' },
    },
  });
  const [command] = positionals;
  if (command !== 'affected' && command !== 'run-many') return { kind: 'other' };
  // Nx takes `-t deploy`, `-t=deploy`, `--targets=build,deploy`, `-t build deploy`.
  if (!own.some((arg) => arg.split(/[=,]/).includes('deploy'))) return { kind: 'other' };
  if (CHOOSING.some((option) => values[option] !== undefined)) return { kind: 'other' };
  if (command === 'run-many' || values.all === true) return { kind: 'all' };
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    kind: 'affected',
    selection: {
      base: text(values.base) ?? text(env['NX_BASE']),
      head: text(values.head) ?? text(env['NX_HEAD']),
      files: text(values.files)?.split(','),
      uncommitted: values.uncommitted === true,
      untracked: values.untracked === true,
    },
  };
}
