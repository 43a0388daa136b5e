import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { buildTarget } from '../build/build-target.ts';

const PLUGIN = 'tools/lambda-plugin/src';

/** A target that runs one of this plugin's commands for a function, with the arguments of the Nx command line. */
function command(file: string, functionName: string, description: string): TargetConfiguration {
  return {
    executor: 'nx:run-commands',
    options: { cwd: '{workspaceRoot}', command: `node ${PLUGIN}/commands/${file}.ts ${functionName}` },
    metadata: { description },
  };
}

/** Synthesis needs all functions built, because the templates contain every function. */
const synthesised = { projects: ['infra'], target: 'synth' };

/**
 * The targets of a function, in addition to `test`, `lint` and `typecheck`, which Nx's own plugins infer.
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
      ...command('package', name, 'Writes dist/<function>.zip, always the same bytes for the same artifact'),
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
    trace: command('trace', name, 'Maps a stack trace, from a file or standard input, to the sources'),
    invoke: {
      ...command('invoke', name, 'Sends an event to the built function, in the embedded cloud or on AWS'),
      // A configuration, because Nx reserves the option name `target`.
      configurations: { aws: { command: `node ${PLUGIN}/commands/invoke.ts ${name} --target=aws` } },
      dependsOn: ['build', synthesised],
    },
    dev: {
      executor: 'nx:run-commands',
      options: { cwd: '{workspaceRoot}', command: 'node tools/local-cloud/src/cli.ts' },
      metadata: { description: 'Runs the embedded cloud, and rebuilds functions on every save' },
      dependsOn: ['build', synthesised],
      continuous: true,
    },
    deploy: {
      executor: 'nx:run-commands',
      options: { cwd: '{workspaceRoot}', command: deploy },
      configurations: Object.fromEntries(
        environments.map((environment) => [environment, { command: `${deploy} --env=${environment}` }]),
      ),
      metadata: { description: 'Deploys only this function: nx run <function>:deploy --configuration=dev' },
      // The command synthesises, and the templates contain every function.
      dependsOn: [{ projects: ['tag:type:function'], target: 'build' }],
      // Deployments share the assembly's folder and the stacks.
      parallelism: false,
    },
  };
}
