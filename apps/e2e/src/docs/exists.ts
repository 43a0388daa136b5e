import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

interface Target {
  options?: { command?: string };
  configurations?: Record<string, unknown>;
}
type Projects = Record<string, { data: { targets: Record<string, Target> } }>;

/** Example projects of the pages, mapped to an existing one. */
const EXAMPLES = new Map(['thumbnailer', '<function>', '<project>'].map((name) => [name, 'aggregator']));
const NX_OPTIONS = new Set(['configuration']);

/** The workspace's projects and targets, as Nx infers them. */
export function readProjects(): Projects {
  const folder = mkdtempSync(join(tmpdir(), 'graph-'));
  try {
    const file = join(folder, 'graph.json');
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
    const { status, stdout, stderr } = spawnSync('npx', ['nx', 'graph', `--file=${file}`], {
      cwd: workspaceRoot,
      env: { ...Object.fromEntries(inherited), NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`nx graph failed: ${stdout}${stderr}`);
    return JSON.parse(readFileSync(file, 'utf8')).graph.nodes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Names in a command that do not exist: scripts, projects, targets, configurations, generators, options. */
export function missingIn(command: string, projects: Projects): string[] {
  const [runner = '', ...words] = command.split(' | ')[0]?.split(/\s+/) ?? [];
  if (runner === 'npm') return missingOfNpm(words);
  const [program = '', ...rest] = words;
  if (program === 'node') return missingOfScript(rest);
  if (program !== 'nx') return [program];
  const [verb = '', ...args] = rest;
  if (verb === 'g') return missingOfGenerator(args);
  if (verb === 'affected') {
    const targets = args.filter((word) => !word.startsWith('-'));
    return [
      ...targets.filter((target) => !hasTarget(projects, target)),
      ...optionsIn(args.filter(isForwarded)),
    ];
  }
  if (verb !== 'run') return missingOfTarget([args[0] ?? '', verb], args.slice(1), projects);
  const [named = '', ...options] = args;
  return missingOfTarget(named.split(':'), options, projects);
}

function missingOfNpm([verb = '', ...rest]: string[]): string[] {
  if (verb === 'ci' || verb === 'install') return [];
  const [name = '', options] = verb === 'run' ? [rest[0], rest.slice(1)] : [verb, rest];
  const { scripts } = JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8'));
  if (!(name in scripts)) return [`script ${name}`];
  const program = new Map([
    ['start', ['tools/quick-start/src/main.ts']],
    ['cloud', ['tools/local-cloud/src/cli.ts']],
  ]).get(name);
  if (program) return unknownOptions(options ?? [], () => helpOf(program));
  const script = join(workspaceRoot, 'scripts', `${name}.mjs`);
  return existsSync(script) ? unknownOptions(options ?? [], () => readFileSync(script, 'utf8')) : [];
}

function missingOfScript([script = '', ...args]: string[]): string[] {
  if (!existsSync(join(workspaceRoot, script))) return [script];
  return unknownOptions(args, () => helpOf([script], args));
}

function missingOfGenerator([named = '', ...args]: string[]): string[] {
  const folder = join(workspaceRoot, 'tools/lambda-plugin/src/generators', named.split(':')[1] ?? '');
  const schema = join(folder, 'schema.json');
  if (!existsSync(schema)) return [named];
  const { properties } = JSON.parse(readFileSync(schema, 'utf8'));
  return optionsIn(args).filter((name) => !(name in properties));
}

function missingOfTarget(
  [project = '', target = '', configuration]: string[],
  args: string[],
  projects: Projects,
): string[] {
  const found = projects[EXAMPLES.get(project) ?? project]?.data.targets[target];
  if (!found) return [`${project}:${target}`];
  const option = args.find((word) => word.startsWith('--configuration='))?.split('=')[1];
  const wrong = [configuration, option]
    .filter((name) => name !== undefined && name !== '$E')
    .filter((name) => !(String(name) in (found.configurations ?? {})));
  const [interpreter, ...command] = found.options?.command?.split(' ') ?? [];
  if (interpreter !== 'node') return [...wrong.map(String), ...optionsIn(args.filter(isForwarded))];
  const words = command.filter((word) => !word.startsWith('-'));
  return [...wrong.map(String), ...unknownOptions(args.filter(isForwarded), () => helpOf(words, args))];
}

function isForwarded(word: string): boolean {
  return !NX_OPTIONS.has(word.slice(2).split('=')[0] ?? '');
}

function hasTarget(projects: Projects, target: string): boolean {
  return Object.values(projects).some(({ data }) => target in data.targets);
}

/** @param help called only if there is an option, because not every program has `--help` */
function unknownOptions(args: readonly string[], help: () => string): string[] {
  return optionsIn(args).filter((name) => !new RegExp(`--${name}\\b`).test(help()));
}

/** Names of the long options among words, including `[--out folder]`. */
function optionsIn(args: readonly string[]): string[] {
  return args.flatMap((word) => /^\[?--([a-z][a-z-]*)/.exec(word)?.[1] ?? []);
}

const helps = new Map<string, string>();

/** The `--help` output of a program, or of its command if the first argument names one. */
function helpOf(words: readonly string[], args: readonly string[] = []): string {
  const key = words.join(' ');
  let help = helps.get(key);
  if (help === undefined) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...words, '--help'], {
      cwd: workspaceRoot,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${key} --help ended with ${status}: ${stderr}`);
    help = stdout;
    helps.set(key, help);
  }
  const command = args.find((word) => /^[a-z]/.test(word));
  const isCommand =
    command !== undefined && new RegExp(`^  ${command}\\b`, 'm').test(help.split('\nCommands:')[1] ?? '');
  return isCommand ? helpOf([...words, command]) : help;
}

/** The exit codes that a program's help lists. */
export function exitCodesOf(script: string, ...words: string[]): string[] {
  return codesIn(helpOf([script, ...words]));
}

/** The exit codes in the sentence or table row that starts with "exit status" or "exit code". */
export function codesIn(text: string): string[] {
  const [, sentence = ''] = /exit (?:status|code)[:| ]+([^]*?)(?:\.\s|\n\n|$)/i.exec(text) ?? [];
  return [...sentence.matchAll(/(?<![\d-])(\d{1,3})(?= [a-z])/g)].map(([, code = '']) => code);
}
