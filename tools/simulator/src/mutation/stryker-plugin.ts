import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import {
  commonTokens,
  declareClassPlugin,
  declareFactoryPlugin,
  declareValuePlugin,
  type Injector,
  PluginKind,
  type PluginContext,
  tokens,
} from '@stryker-mutator/api/plugin';
import type { MutantResult } from '@stryker-mutator/api/core';
import type { MutationTestingPlanReadyEvent, Reporter } from '@stryker-mutator/api/report';
import {
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { strykerPlugins as jestPlugins } from '@stryker-mutator/jest-runner';
import { createProgress } from '../commands/progress.ts';
import { wordingIgnorer } from './wording.ts';

/** The spec files of each test, by its full name. */
type Specs = Record<string, string[]>;

/** The runner process of the first run, without a mutant, writes it; those that run mutants read it. */
const SPECS_FILE = resolve('specs-of-tests.json');

declare global {
  /** Read by spec-filter.cjs. */
  var mutationSpecs: ReadonlySet<string> | undefined;
}

const [{ factory: jestFactory }] = jestPlugins as [(typeof jestPlugins)[number]];

jestBySpec.inject = tokens(commonTokens.injector);

/**
 * Stryker's runner for Jest, which runs the spec files that reach a mutant one by one, and ends with the first that fails. On its own,
 * the runner loads every spec file and then selects tests by name: many seconds per mutant.
 */
function jestBySpec(injector: Injector<PluginContext>): TestRunner {
  const runner: TestRunner = injector.injectFunction(jestFactory);
  let specs: Specs | undefined;
  return {
    capabilities: () => runner.capabilities(),
    init: async () => runner.init?.(),
    dispose: async () => runner.dispose?.(),
    async dryRun(options) {
      globalThis.mutationSpecs = undefined;
      const result = await runner.dryRun(options);
      writeFileSync(SPECS_FILE, JSON.stringify(specsOfTests(result)));
      return result;
    },
    async mutantRun(options) {
      specs ??= JSON.parse(readFileSync(SPECS_FILE, 'utf8')) as Specs;
      let result: MutantRunResult = { status: MutantRunStatus.Survived, nrOfTests: 0 };
      for (const spec of nearestFirst(specsFor(options, specs), options.sandboxFileName)) {
        globalThis.mutationSpecs = new Set([spec]);
        result = await runner.mutantRun(options);
        if (result.status !== MutantRunStatus.Survived) return result;
      }
      return result;
    },
  };
}

function specsOfTests(result: DryRunResult): Specs {
  const specs: Specs = {};
  if (result.status !== DryRunStatus.Complete) return specs;
  for (const { id, fileName } of result.tests) if (fileName) (specs[id] ??= []).push(fileName);
  return specs;
}

/** A mutant of code that runs while a module loads has no tests of its own: every spec may notice it. */
function specsFor({ testFilter }: MutantRunOptions, specs: Specs): string[] {
  const reaching = testFilter ? testFilter.map((test) => specs[test] ?? []) : Object.values(specs);
  return [...new Set(reaching.flat())];
}

/** Specs in the order in which they are likely to notice: the file's own, then those of its folder, then others. */
function nearestFirst(specs: readonly string[], source: string): string[] {
  const own = source.replace(/\.ts$/, '.spec.ts');
  const distance = (spec: string) =>
    spec === own ? 0 : dirname(spec) === dirname(source) ? 1 : relative(dirname(source), spec).length;
  return [...specs].sort((a, b) => distance(a) - distance(b));
}

class StderrReporter implements Reporter {
  private total = 0;
  private tested = 0;
  private survived = 0;
  private readonly progress = createProgress();

  onMutationTestingPlanReady({ mutantPlans }: MutationTestingPlanReadyEvent): void {
    this.total = mutantPlans.length;
  }

  onMutantTested({ status }: Readonly<MutantResult>): void {
    this.tested++;
    if (status === 'Survived' || status === 'NoCoverage') this.survived++;
    const line = `${this.tested} of ${this.total} mutants, ${this.survived} survived the specs`;
    this.progress(line, this.tested === this.total);
  }
}

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'jest-by-spec', jestBySpec),
  declareClassPlugin(PluginKind.Reporter, 'stderr', StderrReporter),
  declareValuePlugin(PluginKind.Ignore, 'wording', wordingIgnorer),
];
