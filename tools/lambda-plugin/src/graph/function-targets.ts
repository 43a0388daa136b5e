import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { buildTarget } from '../build/build-target.ts';

const PLUGIN = 'tools/lambda-plugin/src';

/** Starts one of this plugin's commands for a function; what follows the target on the command line is passed on. */
function command(file: string, functionName: string, description: string): TargetConfiguration {
  return {
    executor: 'nx:run-commands',
    options: { cwd: '{workspaceRoot}', command: `node ${PLUGIN}/commands/${file}.ts ${functionName}` },
    metadata: { description },
  };
}

/** Infra's templates hold every function, so whatever needs them needs all functions built. */
const synthesised = { projects: ['infra'], target: 'synth' };

/**
 * What can be done with a function, beside `test`, `lint` and `typecheck`, which Nx's own plugins infer.
 *
 * @param environments configurations of `deploy`. Without them `--configuration=prod` would deploy to the default, dev
 */
export function functionTargets(
  name: string,
  environments: readonly string[] = [],
): NonNullable<ProjectConfiguration['targets']> {
  const deploy = `node apps/infra/src/cli.ts deploy --function=${name}`;
  return {
    build: buildTarget(),
    package: {
      ...command('package', name, 'Writes dist/<function>.zip, the same bytes for the same artifact'),
      dependsOn: ['build'],
      cache: true,
      inputs: [
        { dependentTasksOutputFiles: '**/dist/function/index.mjs' },
        `{workspaceRoot}/${PLUGIN}/commands/package.ts`,
        `{workspaceRoot}/${PLUGIN}/build/zip.ts`,
        { externalDependencies: ['yazl'] },
      ],
      outputs: ['{projectRoot}/dist/{projectName}.zip'],
    },
    trace: command('trace', name, 'Resolves a stack trace, from a file or standard input, to the sources'),
    invoke: {
      ...command('invoke', name, 'Sends an event to the built function, in the embedded cloud or on AWS'),
      // A configuration, since Nx keeps an option of the name `target` to itself.
      configurations: { aws: { command: `node ${PLUGIN}/commands/invoke.ts ${name} --target=aws` } },
      dependsOn: ['build', synthesised],
    },
    dev: {
      executor: 'nx:run-commands',
      options: { cwd: '{workspaceRoot}', command: 'node tools/local-cloud/src/cli.ts' },
      metadata: { description: 'Runs the embedded cloud, with functions built anew on every save' },
      dependsOn: ['build', synthesised],
      continuous: true,
    },
    deploy: {
      executor: 'nx:run-commands',
      options: { cwd: '{workspaceRoot}', command: deploy },
      configurations: Object.fromEntries(
        environments.map((environment) => [environment, { command: `${deploy} --env=${environment}` }]),
      ),
      metadata: { description: 'Deploys this function alone: nx run <function>:deploy --configuration=dev' },
      // The command synthesises, and templates hold every function.
      dependsOn: [{ projects: ['tag:type:function'], target: 'build' }],
      // Deployments share the assembly's folder and stacks.
      parallelism: false,
    },
  };
}
