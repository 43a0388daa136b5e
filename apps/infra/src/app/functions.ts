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
import { UserError } from '../user-error.ts';

/** Absolute folder of the workspace that contains this file. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '../../../..');

/** A function in one environment: its manifest with the environment's overrides, and its artifact. */
export interface DeployedFunction {
  manifest: FunctionManifest;
  /** Absolute folder that contains `index.mjs`. */
  artifact: string;
}

/** A function that reads from its own queue. */
export interface QueueFunction extends DeployedFunction {
  manifest: FunctionManifest & { trigger: QueueTrigger };
}

/**
 * The functions of a workspace, with the overrides of an environment.
 *
 * @throws UserError if a function is not built, or the environment overrides a function that does not exist
 */
export function deployedFunctions(environment: Environment, workspaceRoot: string): DeployedFunction[] {
  const functions = loadFunctions(workspaceRoot);
  for (const name of Object.keys(environment.functions)) {
    if (!functions.some(({ manifest }) => manifest.name === name)) {
      throw new UserError(
        `Environment ${environment.name} has settings for the function "${name}", which does not exist.`,
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

/** A manifest with an environment's overrides: those for this function win over those for every function. */
export function override(manifest: FunctionManifest, environment: Environment): FunctionManifest {
  const { environment: variables, ...sizes }: FunctionOverride = {
    ...environment.everyFunction,
    ...environment.functions[manifest.name],
  };
  const { batchSize, batchWindowSeconds, maxConcurrency, graceSeconds, notifiedBy, ...limits } = sizes;
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
          graceSeconds: graceSeconds ?? trigger.graceSeconds,
          ...(trigger.type === 's3-sqs' && { notifiedBy: notifiedBy ?? trigger.notifiedBy }),
        }
      : trigger,
    environment: { ...manifest.environment, ...environment.everyFunction.environment, ...variables },
  };
}

function requireArtifact({ manifest, artifact }: WorkspaceFunction, workspaceRoot: string): void {
  if (!existsSync(join(artifact, 'index.mjs'))) {
    throw new UserError(
      `${relative(workspaceRoot, artifact)}/index.mjs does not exist. Run "npx nx build ${manifest.name}" first.`,
    );
  }
}
