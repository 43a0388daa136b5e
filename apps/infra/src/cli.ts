import { join } from 'node:path';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { cdk } from './cli/cdk.ts';
import { bootstrap, type Consent, deploy, type Deployment, destroy, diff } from './cli/commands.ts';
import { components } from './app/component.ts';
import type { Selection } from './cli/select-stacks.ts';
import { leftToOthers, oneAtATime } from './cli/one-deployment.ts';
import { capacityCommand } from './capacity/command.ts';
import { costCommand } from './cost/command.ts';
import { loadEnvironment } from './environments/load.ts';
import { reportFailure } from './user-error.ts';
import { ASSEMBLIES } from './app/build-app.ts';
import { WORKSPACE_ROOT } from './app/functions.ts';
import { synthesise } from './app/synthesise.ts';

type Options = Selection & Consent & { env: string };
type Work = (deployment: Deployment, options: Options) => Promise<void>;

const ofEnvironment = (name: string, description: string, work: Work) =>
  new Command(name)
    .description(description)
    .option('--env <environment>', 'name of a file in src/environments', 'dev')
    .action((options: Options) => run(name, work, options));
const selecting = (command: Command) =>
  command
    .option('--component <component>', components.join(', '))
    .option('--function <name>', 'only the stack of this function');
const withConsent = (command: Command) =>
  command.option('--confirm', 'allow changes to a protected environment');

reportUncaught();

// node apps/infra/src/cli.ts diff|deploy|destroy|bootstrap|cost|capacity [--env dev] [--component …] [--function …]
const program = new Command('infra').description('Deploys data-aggregator with the CDK CLI.');
program.addCommand(selecting(ofEnvironment('diff', 'show what a deployment would change', diff)));
program.addCommand(
  withConsent(selecting(ofEnvironment('deploy', 'show the changes, then deploy them', deploy))),
);
program.addCommand(
  withConsent(
    selecting(
      ofEnvironment('destroy', 'delete the deployed stacks; a protected environment keeps its data', destroy),
    ),
  ),
);
program.addCommand(
  withConsent(ofEnvironment('bootstrap', 'prepare an account and region for CDK (once)', bootstrap)),
);
program.addCommand(costCommand());
program.addCommand(capacityCommand());

async function run(command: string, work: Work, options: Options): Promise<void> {
  const reason =
    command === 'deploy' ? leftToOthers(options, options.env, process.env['DEPLOYED_BY']) : undefined;
  if (reason !== undefined) return void stdout.write(`${reason}\n`);
  await oneAtATime(options.env, async () => work(await deployment(options.env), options));
}

/** Synthesises and checks an environment, and lists its stacks. */
async function deployment(name: string): Promise<Deployment> {
  const environment = await loadEnvironment(name);
  const assembly = join(ASSEMBLIES, name);
  const { stacks } = synthesise(environment, WORKSPACE_ROOT, assembly);
  return {
    environment,
    stacks: stacks.map(({ id }) => id),
    cdk: cdk(name, assembly),
    say: (line) => stdout.write(`${line}\n`),
  };
}

for (const command of [program, ...program.commands]) {
  command.configureOutput({ writeOut: stdout.write, writeErr: stderr.write });
}
await reportFailure(() => program.parseAsync());
