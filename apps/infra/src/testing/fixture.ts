import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionManifestInput } from '@data-aggregator/function-manifest';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { functionStack } from '../application/function-stack.ts';
import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { environment as dev } from '../environments/dev.ts';
import { deployedFunctions } from '../app/functions.ts';

/** The environment of fixtures: dev without overrides of functions. */
export const plain: Environment = { ...dev, everyFunction: {}, functions: {} };

/** The manifest of a function that listens to landing, unless `manifest` overrides it. */
export function fixtureFunction(manifest: Partial<FunctionManifestInput> = {}): FunctionManifestInput {
  return {
    name: 'aggregator',
    description: 'A function of a fixture.',
    trigger: { type: 's3-sqs', bucket: 'landing' },
    ...manifest,
  };
}

/** Creates a temporary workspace with functions: their manifests and, if `built`, their artifacts. */
export function fixtureWorkspace(functions: FunctionManifestInput[], options = { built: true }): string {
  const root = mkdtempSync(join(tmpdir(), 'infra-'));
  mkdirSync(join(root, 'apps'));
  for (const manifest of functions) {
    const folder = join(root, 'apps', manifest.name);
    mkdirSync(join(folder, 'dist/function'), { recursive: true });
    writeFileSync(join(folder, 'function.json'), JSON.stringify(manifest));
    if (!options.built) continue;
    writeFileSync(join(folder, 'dist/function/index.mjs'), 'export const handler = async () => ({});\n');
  }
  return root;
}

/** The template of a component, for functions and an environment. */
export function template(
  component: (context: Context) => void,
  functions: FunctionManifestInput[] = [fixtureFunction()],
  environment: Environment = plain,
): Template {
  const workspace = fixtureWorkspace(functions);
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    // CDK would only warn, which no test sees. Specs of whole environments run its validation, where it fails the synthesis.
    builtinCloudFormationValidation: false,
    outdir: join(workspace, 'out'),
  });
  const scope = new Stack(app, 'stack');
  component({ scope, environment, functions: deployedFunctions(environment, workspace) });
  return Template.fromStack(scope);
}

/** The template of the first function's stack. */
export function functionTemplate(functions: FunctionManifestInput[], environment?: Environment): Template {
  const build = (context: Context) => {
    const fn = context.functions.find(({ manifest }) => manifest.name === functions[0]?.name);
    if (fn === undefined) throw new Error('The list of functions is empty.');
    functionStack(context, fn);
  };
  return template(build, functions, environment);
}
