import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';

/** An end-to-end scenario of apps/e2e. */
export interface Scenario {
  /** Its file's name without extension. */
  name: string;
  description: string;
}

/** Names that replace those in the scenario's file. */
export interface ScenarioNames {
  landing_bucket: string;
  distribution_bucket: string;
  lambda_function_name: string;
}

/** How to run a scenario. */
export interface ScenarioRun {
  name: string;
  names: ScenarioNames;
  /** Gets each line of the runner's output. */
  onLine: (line: string) => void;
  signal: AbortSignal;
}

export interface Scenarios {
  /** In the order of their files; empty if the workspace has no scenarios. */
  list(): Scenario[];
  /**
   * Runs a scenario in the environment that the AWS variables of this process name.
   *
   * @returns the last lines of its output, which state the result
   * @throws Error with these lines if a check fails
   */
  run(run: ScenarioRun): Promise<string>;
}

const document = v.looseObject({ description: v.optional(v.string(), '') });
const RUNNER = 'apps/e2e/src/run/main.ts';
/** The report begins with this line; progress comes before it. */
const RESULT = /^(passed|FAILED) {2}/;

/** @param workspace its root */
export function createScenarios(workspace: string): Scenarios {
  const folder = join(workspace, 'apps/e2e/scenarios');
  const read = (name: string) =>
    v.parse(document, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  return {
    list: () =>
      (existsSync(folder) ? readdirSync(folder) : [])
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => basename(file, '.json'))
        .map((name) => ({ name, description: read(name).description })),
    async run({ name, names, onLine, signal }) {
      await using cleanup = new AsyncDisposableStack();
      const copies = await mkdtemp(join(tmpdir(), 'console-scenario-'));
      cleanup.defer(() => rm(copies, { recursive: true, force: true }));
      const config = join(copies, `${name}.json`);
      await writeFile(config, JSON.stringify({ ...read(name), ...names, report_file: null }));
      const child = spawn(
        process.execPath,
        [join(workspace, RUNNER), '--config', config, '--target', 'aws'],
        // SIGTERM instead of the default SIGKILL of an aborted child: the runner then removes its files.
        { cwd: workspace, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGTERM' },
      );
      const result: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === '') return;
        if (result.length > 0 || RESULT.test(line)) result.push(line.trim());
        onLine(line);
      });
      let problems = '';
      child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      const words = result.join(' ').replaceAll(/ +/g, ' ');
      if (code !== 0) throw new Error(words || problems.trim() || `the runner ended with status ${code}`);
      return words;
    },
  };
}
