import { join } from 'node:path';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { cdk } from './cli/cdk.ts';
import { bootstrap, type Consent, deploy, type Deployment, destroy, diff } from './cli/commands.ts';
import { components } from './app/component.ts';
import type { Selection } from './cli/select-stacks.ts';
import { leftToOthers, oneAtATime } from './cli/one-deployment.ts';
import { costCommand } from './cost/command.ts';
import { loadEnvironment } from './environments/load.ts';
import { reportFailure } from './failure.ts';
import { ASSEMBLIES } from './app/build-app.ts';
import { WORKSPACE_ROOT } from './app/functions.ts';
import { synthesise } from './app/synthesise.ts';

type Options = Selection & Consent & { env: string };
type Work = (deployment: Deployment, options: Options) => Promise<void>;

const ofEnvironment = (name: string, does: string, work: Work) =>
  new Command(name)
    .description(does)
    .option('--env <environment>', 'a file of src/environments', 'dev')
    .action((options: Options) => run(name, work, options));
const selecting = (command: Command) =>
  command
    .option('--component <component>', components.join(', '))
    .option('--function <name>', "this function's stack alone");
const withConsent = (command: Command) => command.option('--confirm', 'touch a protected environment');

// node apps/infra/src/cli.ts diff|deploy|destroy|bootstrap|cost [--env dev] [--component …] [--function …]
const program = new Command('infra').description(
  'Deploys data-aggregator by the CDK CLI, offline until it must.',
);
program.addCommand(selecting(ofEnvironment('diff', 'show what a deployment would change', diff)));
program.addCommand(
  withConsent(selecting(ofEnvironment('deploy', 'show what will change, and change it', deploy))),
);
program.addCommand(
  withConsent(
    selecting(
      ofEnvironment('destroy', 'remove what was deployed; data in a protected environment stays', destroy),
    ),
  ),
);
program.addCommand(
  withConsent(ofEnvironment('bootstrap', 'prepare an account and region for CDK, once', bootstrap)),
);
program.addCommand(costCommand());

async function run(command: string, work: Work, options: Options): Promise<void> {
  const left =
    command === 'deploy' ? leftToOthers(options, options.env, process.env['DEPLOYED_BY']) : undefined;
  if (left !== undefined) return void stdout.write(`${left}\n`);
  await oneAtATime(options.env, async () => work(await deployment(options.env), options));
}

/** Synthesises an environment, checks it, and knows its stacks. */
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
