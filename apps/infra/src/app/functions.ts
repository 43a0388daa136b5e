import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  type FunctionManifest,
  hasQueue,
  loadFunctions,
  type QueueTrigger,
  type WorkspaceFunction,
} from '@data-aggregator/function-manifest';
import type { Environment, FunctionOverride } from '../environments/environment.ts';
import { Failure } from '../failure.ts';

/** The workspace that this file is in. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '../../../..');

/** A function as one environment runs it: its manifest with the environment's overrides, and its artifact. */
export interface DeployedFunction {
  manifest: FunctionManifest;
  /** Absolute folder that holds `index.mjs`. */
  artifact: string;
}

/** A function that is fed by a queue of its own. */
export interface QueueFunction extends DeployedFunction {
  manifest: FunctionManifest & { trigger: QueueTrigger };
}

/**
 * The functions of a workspace, as an environment runs them.
 *
 * @throws Failure where one is not built, or the environment overrides one that does not exist
 */
export function deployedFunctions(environment: Environment, workspaceRoot: string): DeployedFunction[] {
  const functions = loadFunctions(workspaceRoot);
  for (const name of Object.keys(environment.functions)) {
    if (!functions.some(({ manifest }) => manifest.name === name)) {
      throw new Failure(
        `Environment ${environment.name} overrides "${name}", and there is no such function.`,
      );
    }
  }
  return functions.map((fn) => {
    requireArtifact(fn, workspaceRoot);
    return { manifest: override(fn.manifest, environment), artifact: fn.artifact };
  });
}

export function isQueueFunction(fn: DeployedFunction): fn is QueueFunction {
  return hasQueue(fn.manifest.trigger);
}

/** A manifest with an environment's overrides: what it says of this function, else what it says of every one. */
export function override(manifest: FunctionManifest, environment: Environment): FunctionManifest {
  const { environment: variables, ...sizes }: FunctionOverride = {
    ...environment.everyFunction,
    ...environment.functions[manifest.name],
  };
  const { batchSize, batchWindowSeconds, maxConcurrency, ...limits } = sizes;
  const trigger = manifest.trigger;
  return {
    ...manifest,
    ...limits,
    trigger: hasQueue(trigger)
      ? {
          ...trigger,
          batchSize: batchSize ?? trigger.batchSize,
          batchWindowSeconds: batchWindowSeconds ?? trigger.batchWindowSeconds,
          maxConcurrency: maxConcurrency ?? trigger.maxConcurrency,
        }
      : trigger,
    environment: { ...manifest.environment, ...environment.everyFunction.environment, ...variables },
  };
}

function requireArtifact({ manifest, artifact }: WorkspaceFunction, workspaceRoot: string): void {
  if (!existsSync(join(artifact, 'index.mjs'))) {
    throw new Failure(
      `${relative(workspaceRoot, artifact)}/index.mjs is not there: run "npx nx build ${manifest.name}" first.`,
    );
  }
}
