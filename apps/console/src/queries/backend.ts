import type { Backend } from '../server/backend.ts';
import { ConsoleError } from '../server/console-error.ts';
import { readAlarms } from './alarms.ts';
import { createBundles } from './bundles.ts';
import { readCost, refreshOf } from './cost.ts';
import type { Environment } from './environment.ts';
import { readFile, searchFiles } from './file.ts';
import { readFlow, readHistory } from './flow.ts';
import { readFunctions, readLogs } from './functions.ts';
import { createLoad } from './load.ts';
import { createQuarantine } from './quarantine.ts';
import { readRunbook } from './runbook.ts';
import { createScenarios } from './scenarios.ts';

/** Files of the workspace that the console reads. */
export interface WorkspaceFiles {
  /** docs/runbook.md */
  runbook: string;
  /** Folder with the templates of each environment. */
  assemblies: string;
  /** The workspace itself, for its scenarios. */
  root: string;
}

/** Answers the routes for one environment. */
export function createBackend(environment: Environment, files: WorkspaceFiles): Backend {
  const { target, name, region, resources, control } = environment;
  const runbook = readRunbook(files.runbook);
  const bundles = createBundles(environment);
  const quarantine = createQuarantine(environment);
  const load = control && createLoad(environment, control, createScenarios(files.root));
  const refresh = refreshOf(environment);
  return {
    session: {
      target,
      environment: name,
      region,
      buckets: resources.buckets,
      hasLoad: load !== undefined,
      refresh,
    },
    flow: () => readFlow(environment),
    history: () => readHistory(environment),
    searchFiles: (part) => searchFiles(part, bundles, environment),
    file: (key) => readFile(key, bundles, environment),
    bundles: bundles.list,
    bundle: bundles.detail,
    verify: bundles.verify,
    member: bundles.member,
    quarantine: quarantine.list,
    quarantineCase: quarantine.show,
    alarms: () => readAlarms(environment, runbook),
    functions: () => readFunctions(environment),
    logs: (query) => readLogs(query, environment),
    cost: () => readCost(environment, files.assemblies, refresh),
    ...(load && { load }),
    async prepare(change) {
      if (change.kind !== 'load') return quarantine.prepare(change);
      if (!load) throw new ConsoleError('not-found', 'Load exists on the embedded cloud only.');
      return load.prepare(change);
    },
  };
}
