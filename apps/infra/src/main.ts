import { join } from 'node:path';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { environmentNames, loadEnvironment, withSettings } from './environments/load.ts';
import { reportFailure } from './failure.ts';
import { ASSEMBLIES } from './app/build-app.ts';
import { WORKSPACE_ROOT } from './app/functions.ts';
import { synthesise } from './app/synthesise.ts';

/*
 * node apps/infra/src/main.ts [--env dev|all] [--workspace folder] [--out folder] [--settings json]
 *
 * Writes apps/infra/cdk.out/<environment>/, without account or network. Another workspace is a folder whose apps/
 * has functions; settings are put in place of the environment's. Tests use both.
 */
interface Options {
  env: string;
  workspace: string;
  out: string;
  settings: string;
}

const values = new Command('synth')
  .description('Writes the templates of an environment, offline, and checks every rule.')
  .option('--env <environment>', 'a file of src/environments, or all', 'dev')
  .option('--workspace <folder>', 'folder whose apps/ has the functions', WORKSPACE_ROOT)
  .option('--out <folder>', 'folder for the assemblies', ASSEMBLIES)
  .option('--settings <json>', "settings in place of the environment's", '{}')
  .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
  .parse()
  .opts<Options>();
await reportFailure(async () => {
  for (const name of values.env === 'all' ? environmentNames() : [values.env]) {
    const environment = withSettings(await loadEnvironment(name), values.settings);
    synthesise(environment, values.workspace, join(values.out, name));
  }
});
