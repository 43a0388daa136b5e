import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESIGN_FILE, designText } from '@data-aggregator/cost-model';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { readAssembly } from './cost/read-assembly.ts';
import { hasDesign, readDesign } from './cost/read-design.ts';
import { environmentNames, loadEnvironment, withSettings } from './environments/load.ts';
import { reportFailure } from './user-error.ts';
import { ASSEMBLIES } from './app/build-app.ts';
import { WORKSPACE_ROOT } from './app/functions.ts';
import { synthesise } from './app/synthesise.ts';

/*
 * node apps/infra/src/main.ts [--env dev|all] [--workspace folder] [--out folder] [--settings json]
 *
 * Writes apps/infra/cdk.out/<environment>/, with the templates and the design that their cost depends on; needs no AWS account and no network. Tests use --workspace, a folder whose
 * apps/ contains the functions, and --settings, which override those of the environment.
 */
interface Options {
  env: string;
  workspace: string;
  out: string;
  settings: string;
}

reportUncaught();
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
    const folder = join(values.out, name);
    synthesise(environment, values.workspace, folder);
    // The operator's console computes its bill from it.
    const templates = { environment, resources: readAssembly(name, folder) };
    if (hasDesign(templates)) writeFileSync(join(folder, DESIGN_FILE), designText(readDesign(templates)));
  }
});
