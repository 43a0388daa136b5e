import { join } from 'node:path';
import { App, type AppProps, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { functionStack } from './application/function-stack.ts';
import type { Context } from './context.ts';
import type { Environment } from './environments/environment.ts';
import { deployedFunctions } from './functions.ts';
import { stackName } from './names.ts';
import { observability } from './observability/observability-stack.ts';
import { rulesPlugin } from './rules/plugin.ts';
import { stateful } from './stateful/stateful-stack.ts';
import { type Component, tagStack } from './tags.ts';

/** Folder of the cloud assemblies, one an environment: its templates and the artifacts of its functions. */
export const ASSEMBLIES = join(import.meta.dirname, '../cdk.out');

/**
 * An environment's app: a stack for each component, and in `application` one for each function. Stacks know of one
 * another by names only, so that each can be deployed alone; their dependencies are an order, nothing more.
 */
export function buildApp(environment: Environment, workspaceRoot: string, props: AppProps): App {
  const functions = deployedFunctions(environment, workspaceRoot);
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    ...props,
    // Tools find a function's artifact by it.
    context: { 'aws:cdk:enable-asset-metadata': true },
  });
  const component = (id: string, name: Component, build: (context: Context) => void): Stack => {
    const scope = new Stack(app, id, { stackName: stackName(environment.name, id) });
    tagStack(scope, environment, name);
    build({ scope, environment, functions });
    return scope;
  };

  const data = component('stateful', 'stateful', stateful);
  const applications: Stack[] = [];
  for (const fn of functions) {
    const id = `application-${fn.manifest.name}`;
    const made = component(id, 'application', (context) => functionStack(context, fn));
    made.addStackDependency(data);
    applications.push(made);
  }
  const watch = component('observability', 'observability', observability);
  for (const application of applications) watch.addStackDependency(application);

  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), rulesPlugin(environment));
  return app;
}
