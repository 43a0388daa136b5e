import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { specFoldersFor } from './areas.ts';
import { lineAt, sliceOf } from './text.ts';

/** A change of one place in the code, and whether something noticed it: a spec, the type checker or the simulator. */
export interface Mutant {
  /** Relative to the workspace, with forward slashes. */
  readonly file: string;
  readonly location: MutantResult['location'];
  /** The line on which it starts, trimmed. */
  readonly line: string;
  /** The code, and what replaces it. */
  readonly original: string;
  readonly replacement: string;
  readonly fate: 'killed' | 'survived';
}

const HERE = 'tools/simulator/src/mutation';
const NO_MUTANTS = ['!**/*.spec.ts', '!**/testing/**', '!**/*.d.ts'];

/**
 * Changes the code in `folder`, a copy of the workspace, in one place after another, and runs the specs that reach it. A mutant that
 * makes specs run forever counts as killed.
 *
 * @param globs files, relative to `folder`
 * @throws Error if specs fail without any mutant
 */
export async function mutate(
  folder: string,
  globs: readonly string[],
  concurrency: number,
): Promise<Mutant[]> {
  process.chdir(folder);
  const options: PartialStrykerOptions = {
    inPlace: true,
    mutate: [...globs, ...NO_MUTANTS],
    testRunner: 'jest-by-spec',
    coverageAnalysis: 'perTest',
    jest: {
      configFile: `${HERE}/jest.config.cjs`,
      config: { roots: specFoldersFor(globs).map((spec) => join(folder, spec)) },
      enableFindRelatedTests: false,
    },
    plugins: ['@stryker-mutator/jest-runner', join(folder, HERE, 'stryker-plugin.ts')],
    ignorers: ['wording'],
    reporters: ['stderr'],
    concurrency,
    timeoutMS: 20_000,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 30,
    allowConsoleColors: false,
    warnings: false,
  };
  const results = await new Stryker(options).runMutationTest();
  const texts = new Map<string, string>();
  for (const { fileName } of results) {
    if (!texts.has(fileName)) texts.set(fileName, await readFile(fileName, 'utf8'));
  }
  return results.flatMap((result) => mutantOf(result, texts.get(result.fileName) ?? '', folder));
}

/** @returns nothing for a mutant that was left out, or that is no valid code */
function mutantOf(result: MutantResult, text: string, folder: string): Mutant[] {
  const { status, location, replacement = '', fileName } = result;
  if (status === 'Ignored' || status === 'CompileError' || status === 'RuntimeError') return [];
  if (status === 'Pending') throw new Error(`Stryker did not run mutant ${result.id} of ${fileName}`);
  return [
    {
      file: relative(folder, fileName).replaceAll('\\', '/'),
      location,
      line: lineAt(text, location.start.line),
      original: sliceOf(text, location),
      replacement,
      fate: status === 'Survived' || status === 'NoCoverage' ? 'survived' : 'killed',
    },
  ];
}
