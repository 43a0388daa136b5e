import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsTarget } from './aws-target.ts';
import { localTarget } from './local-target.ts';
import type { Check, RunProgress } from './run.ts';
import type { Scenario } from './scenario.ts';
import { testTypes } from './test-types.ts';

export type TargetName = 'local' | 'aws';

/** The outcome of a scenario. */
export interface Outcome {
  /** The file's name without extension. */
  name: string;
  checks: Check[];
  seconds: number;
  /** Folder with the bundles, if kept. */
  kept: string | undefined;
}

export interface Execution {
  name: string;
  scenario: Scenario;
  target: TargetName;
  signal: AbortSignal;
  progress: RunProgress;
}

/**
 * Runs a scenario: produces files, consumes bundles, judges every file.
 *
 * @throws Failure; the signal's reason
 */
export async function execute({ name, scenario, signal, progress, ...what }: Execution): Promise<Outcome> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'data-aggregator-e2e-'));
  if (!scenario.keep_files) cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const section = scenario.test_type === 'direct_invoke' ? 'direct-invoke-tests' : 'data';
  const prefix = `${section}/e2e-test-${randomBytes(4).toString('hex')}/`;

  progress.phase('starting');
  const target = cleanup.use(
    what.target === 'local'
      ? await localTarget(scenario, folder, progress)
      : await awsTarget(scenario, prefix, folder),
  );
  const began = performance.now();
  const checks = await testTypes[scenario.test_type]({ scenario, target, prefix, signal, progress });
  const seconds = (performance.now() - began) / 1000;
  return { name, checks, seconds, kept: scenario.keep_files ? folder : undefined };
}
