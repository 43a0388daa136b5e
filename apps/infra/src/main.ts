import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './checks.ts';
import { environmentNames, loadEnvironment, withSettings } from './environments/load.ts';
import { reportFailure } from './failure.ts';
import { WORKSPACE_ROOT } from './functions.ts';
import { prune } from './prune.ts';
import { ASSEMBLIES, buildApp } from './synthesise.ts';

/*
 * node apps/infra/src/main.ts [--env dev|all] [--workspace folder] [--out folder] [--settings json]
 *
 * Writes apps/infra/cdk.out/<environment>/, without account or network. Another workspace is a folder whose apps/
 * has functions; settings are put in place of the environment's. Tests use both.
 */
const { values } = parseArgs({
  options: {
    env: { type: 'string', default: 'dev' },
    workspace: { type: 'string', default: WORKSPACE_ROOT },
    out: { type: 'string', default: ASSEMBLIES },
    settings: { type: 'string', default: '{}' },
  },
});
await reportFailure(async () => {
  for (const name of values.env === 'all' ? environmentNames() : [values.env]) {
    const environment = withSettings(await loadEnvironment(name), values.settings);
    const app = buildApp(environment, values.workspace, { outdir: join(values.out, name) });
    prune(check(app, environment).synth());
  }
});
