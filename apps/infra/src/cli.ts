import { join } from 'node:path';
import { Command } from 'commander';
import { check } from './checks.ts';
import { cdk } from './cli/cdk.ts';
import { bootstrap, type Consent, deploy, type Deployment, destroy, diff } from './cli/commands.ts';
import type { Selection } from './cli/components.ts';
import { costCommand } from './cost/command.ts';
import { loadEnvironment } from './environments/load.ts';
import { reportFailure } from './failure.ts';
import { WORKSPACE_ROOT } from './functions.ts';
import { prune } from './prune.ts';
import { ASSEMBLIES, buildApp } from './synthesise.ts';

type Options = Selection & Consent & { env: string };

// node apps/infra/src/cli.ts diff|deploy|destroy|bootstrap|cost [--env dev] [--component …] [--function …]
const program = new Command('infra').description(
  'Deploys data-aggregator by the CDK CLI, offline until it must.',
);

program
  .command('diff')
  .description('show what a deployment would change')
  .option('--env <environment>', 'a file of src/environments', 'dev')
  .option('--component <component>', 'network, stateful, application or observability')
  .option('--function <name>', "this function's stack alone")
  .action(async (options: Options) => diff(await deployment(options.env), options));
program
  .command('deploy')
  .description('show what will change, and change it')
  .option('--env <environment>', 'a file of src/environments', 'dev')
  .option('--component <component>', 'network, stateful, application or observability')
  .option('--function <name>', "this function's stack alone")
  .option('--confirm', 'touch a protected environment')
  .action(async (options: Options) => deploy(await deployment(options.env), options));
program
  .command('destroy')
  .description('remove what was deployed; data in a protected environment stays')
  .option('--env <environment>', 'a file of src/environments', 'dev')
  .option('--component <component>', 'network, stateful, application or observability')
  .option('--function <name>', "this function's stack alone")
  .option('--confirm', 'touch a protected environment')
  .action(async (options: Options) => destroy(await deployment(options.env), options));
program
  .command('bootstrap')
  .description('prepare an account and region for CDK, once')
  .option('--env <environment>', 'a file of src/environments', 'dev')
  .option('--confirm', 'touch a protected environment')
  .action(async (options: Options) => bootstrap(await deployment(options.env), options));
program.addCommand(costCommand());

/** Synthesises an environment, checks it, and knows its stacks. */
async function deployment(name: string): Promise<Deployment> {
  const environment = await loadEnvironment(name);
  const assembly = join(ASSEMBLIES, name);
  const app = buildApp(environment, WORKSPACE_ROOT, { outdir: assembly });
  const { stacks } = prune(check(app, environment).synth());
  return {
    environment,
    stacks: stacks.map(({ id }) => id),
    cdk: cdk(name, assembly),
    say: (line) => console.log(line),
  };
}

await reportFailure(() => program.parseAsync());
