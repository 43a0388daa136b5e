import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOps } from '@data-aggregator/ops';
import * as v from 'valibot';
import { workspaceRoot } from '../workspace.ts';
import { runAws } from './aws-command.ts';

/** A program as the shell starts it. */
export interface Invocation {
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly cwd: string;
}

/** A program's output and exit status. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

const project = v.looseObject({
  name: v.string(),
  targets: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        options: v.optional(v.looseObject({ command: v.optional(v.string()) }), {}),
        configurations: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
    {},
  ),
});

const OPS = 'node tools/ops/src/main.ts';
const PROJECTS: Readonly<Record<string, string>> = { ops: 'tools/ops', infra: 'apps/infra' };

/**
 * Runs a command of a page against the embedded cloud. Nx targets other than those of ops (deployments and the like) are looked up,
 * but not run.
 *
 * @param config of the SDK's clients
 */
export async function runProgram(
  { words, cwd }: Invocation,
  config: { readonly endpoint: string },
): Promise<Ended> {
  // `npx node …` is the pinned Node.
  const [program = '', ...rest] = words[0] === 'npx' && words[1] === 'node' ? words.slice(1) : words;
  try {
    if (program === 'aws') return { stdout: await runAws(rest, { config, cwd }), stderr: '', status: 0 };
    const ops =
      program === 'npx'
        ? opsWordsOf(rest)
        : opsWordsIn([program, ...rest].join(' ').startsWith(OPS) ? rest.slice(1) : undefined);
    if (ops === undefined) return { stdout: '', stderr: '', status: 0 };
    let [stdout, stderr] = ['', ''];
    const status = await runOps(atEmbeddedCloud(ops, config.endpoint), {
      env: process.env,
      out: (text) => void (stdout += text),
      err: (text) => void (stderr += text),
    });
    return { stdout, stderr, status };
  } catch (error) {
    return { stdout: '', stderr: `${String(error)}\n`, status: 1 };
  }
}

function opsWordsIn(words: readonly string[] | undefined): readonly string[] {
  if (!words) throw new Error('this is no program that a page may use here');
  return words;
}

/** The ops command behind `nx run ops:find -- …`; undefined for another kind of target. */
function opsWordsOf(words: readonly string[]): readonly string[] | undefined {
  const [nx, run, reference = '', ...rest] = words;
  if (nx !== 'nx' || run !== 'run') throw new Error(`npx ${words.join(' ')} is no target of Nx`);
  const [name = '', targetName = ''] = reference.split(':');
  const folder = PROJECTS[name];
  if (folder === undefined)
    throw new Error(`${reference}: the project ${name} is not known to the rehearsal`);
  const { targets } = v.parse(
    project,
    JSON.parse(readFileSync(join(workspaceRoot, folder, 'project.json'), 'utf8')),
  );
  const target = targets[targetName];
  if (!target) throw new Error(`${name} has no target ${targetName}`);
  const { command = '' } = target.options;
  if (!command.startsWith(OPS)) return undefined;
  return [...command.slice(OPS.length).trim().split(' '), ...rest.filter((word) => word !== '--')];
}

function atEmbeddedCloud(words: readonly string[], endpoint: string): string[] {
  return [...words.flatMap((word) => (word === 'aws' ? ['local'] : [word])), '--endpoint', endpoint];
}
