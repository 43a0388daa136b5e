import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clone, filesOf } from './clone.ts';

/** The deployable output of a workspace: a hash per function's artifact, a template per stack. */
export interface Made {
  artifacts: ReadonlyMap<string, string>;
  stacks: ReadonlyMap<string, string>;
}

/** How far a change reaches. */
export interface Reach {
  /** Projects that Nx counts as affected. */
  projects: string[];
  /** The functions among them. */
  functions: string[];
  /** Test targets that `npm test -- --affected` runs, as `project:target`. */
  tests: string[];
  /** Functions whose artifact changed. */
  artifacts: string[];
  /** Functions whose stack's template changed, so that CDK deploys it. */
  deploys: string[];
  /** Other stacks whose template changed. */
  stacks: string[];
}

/** Test targets of `npm test`. */
const TEST_TARGETS = ['test', 'smoke'];

/** The environment whose templates are compared. */
const ENVIRONMENT = 'dev';

const FUNCTION_STACK = 'application-';
const TEMPLATE = '.template.json';

/** Builds all functions and synthesises, with the command of a deployment; unchanged parts come from Nx's cache. */
export async function make({ path, run, functions }: Clone): Promise<Made> {
  await run('nx', 'run', 'infra:synth', `--configuration=${ENVIRONMENT}`);
  const artifacts = (await functions()).map(async (name): Promise<[string, string]> => {
    const code = await readFile(join(path, 'apps', name, 'dist/function/index.mjs'));
    return [name, createHash('sha256').update(code).digest('hex')];
  });
  const templates = await filesOf(join(path, 'apps/infra/cdk.out', ENVIRONMENT), TEMPLATE);
  return {
    artifacts: new Map(await Promise.all(artifacts)),
    stacks: new Map([...templates].map(([file, text]) => [file.slice(0, -TEMPLATE.length), text])),
  };
}

/** The reach of the changes in a clone, compared with the build of its commit. */
export async function reachOf(clone: Clone, before: Made): Promise<Reach> {
  const { run } = clone;
  const projects = JSON.parse(
    await run('nx', 'show', 'projects', '--affected', '--base=HEAD', '--json'),
  ) as string[];
  const after = await make(clone);
  const stacks = differing(before.stacks, after.stacks);
  const all = await clone.functions();
  return {
    projects: projects.sort(),
    functions: projects.filter((name) => all.includes(name)),
    tests: await testsOf(clone),
    artifacts: differing(before.artifacts, after.artifacts),
    deploys: stacks.flatMap((id) => (id.startsWith(FUNCTION_STACK) ? id.slice(FUNCTION_STACK.length) : [])),
    stacks: stacks.filter((id) => !id.startsWith(FUNCTION_STACK)),
  };
}

/** The tests that Nx would run, from its task graph. */
async function testsOf({ run }: Clone): Promise<string[]> {
  const output = await run('nx', 'affected', '-t', ...TEST_TARGETS, '--base=HEAD', '--graph=stdout');
  // If nothing is affected, Nx prints a message instead of a graph.
  if (!output.trimStart().startsWith('{')) return [];
  const { tasks } = JSON.parse(output) as {
    tasks: { tasks: Record<string, { target: { target: string } }> };
  };
  return Object.entries(tasks.tasks)
    .filter(([, { target }]) => TEST_TARGETS.includes(target.target))
    .map(([id]) => id)
    .sort();
}

/** Names whose values differ between the two. */
function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
