import { join } from 'node:path';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { functionStack } from '../application/function-stack.ts';
import type { Component, Context } from './component.ts';
import type { Environment } from '../environments/environment.ts';
import { deployedFunctions } from './functions.ts';
import { physicalName } from '../conventions/names.ts';
import { network } from '../network/network-stack.ts';
import { observability } from '../observability/observability-stack.ts';
import { stateful } from '../stateful/stateful-stack.ts';
import { tagStack } from '../conventions/tags.ts';

/** Folder of the cloud assemblies. Each environment has its own, with its templates and the artifacts of its functions. */
export const ASSEMBLIES = join(import.meta.dirname, '../../cdk.out');

/**
 * An environment's app: one stack per component, and in `application` one per function. Stacks refer to each other by
 * physical names only, so that each can be deployed alone; their dependencies only define the order of deployment.
 *
 * @param workspaceRoot absolute folder whose `apps/` contains the functions
 * @throws UserError if a function is not built or a setting does not fit the functions
 */
export function buildApp(environment: Environment, workspaceRoot: string, props: AppProps): App {
  const functions = deployedFunctions(environment, workspaceRoot);
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    ...props,
    context: {
      // Tools find a function's artifact by this metadata.
      'aws:cdk:enable-asset-metadata': true,
      // Fails the synthesis for properties that CloudFormation would reject.
      '@aws-cdk/core:validateAgainstDefaultRules': true,
    },
  });
  const component = (id: string, name: Component, build: (context: Context) => void): Stack => {
    const scope = new Stack(app, id, { stackName: physicalName(environment.name, id) });
    tagStack(scope, environment, name);
    build({ scope, environment, functions });
    return scope;
  };

  const settings = environment.network;
  const connected =
    settings === undefined ? [] : [component('network', 'network', (context) => network(context, settings))];
  const data = component('stateful', 'stateful', stateful);
  const applications: Stack[] = [];
  for (const fn of functions) {
    const id = `application-${fn.manifest.name}`;
    const made = component(id, 'application', (context) => functionStack(context, fn));
    for (const earlier of [...connected, data]) made.addStackDependency(earlier);
    applications.push(made);
  }
  const watch = component('observability', 'observability', observability);
  for (const application of applications) watch.addStackDependency(application);
  return app;
}
