import { join } from 'node:path';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { environmentNames, loadEnvironment, withSettings } from './environments/load.ts';
import { reportFailure } from './user-error.ts';
import { ASSEMBLIES } from './app/build-app.ts';
import { WORKSPACE_ROOT } from './app/functions.ts';
import { synthesise } from './app/synthesise.ts';

/*
 * node apps/infra/src/main.ts [--env dev|all] [--workspace folder] [--out folder] [--settings json]
 *
 * Writes apps/infra/cdk.out/<environment>/; needs no AWS account and no network. Tests use --workspace, a folder whose
 * apps/ contains the functions, and --settings, which override those of the environment.
 */
interface Options {
  env: string;
  workspace: string;
  out: string;
  settings: string;
}

const values = new Command('synth')
  .description('Writes the templates of an environment, offline, and checks all synthesis rules.')
  .option('--env <environment>', 'name of a file in src/environments, or all', 'dev')
  .option('--workspace <folder>', 'folder whose apps/ contains the functions', WORKSPACE_ROOT)
  .option('--out <folder>', 'output folder for the cloud assemblies', ASSEMBLIES)
  .option('--settings <json>', 'settings that override those of the environment', '{}')
  .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
  .parse()
  .opts<Options>();
await reportFailure(async () => {
  for (const name of values.env === 'all' ? environmentNames() : [values.env]) {
    const environment = withSettings(await loadEnvironment(name), values.settings);
    synthesise(environment, values.workspace, join(values.out, name));
  }
});
