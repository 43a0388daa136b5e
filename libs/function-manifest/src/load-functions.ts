import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { type FunctionManifest, functionManifestSchema, type QueueTrigger, type Trigger } from './schema.ts';

/** A function as the workspace holds it. */
export interface WorkspaceFunction {
  manifest: FunctionManifest;
  /** Absolute folder of the function's project. */
  root: string;
  /** Absolute folder of its built artifact, which holds `index.mjs` and nothing else. */
  artifact: string;
}

/** A `function.json` that is not one. The message names the file, the place in it and the value. */
export class FunctionManifestError extends Error {
  override readonly name = 'FunctionManifestError';
}

/** Folder of a function's artifact, relative to its project. The handler in it is `index.handler`. */
export const ARTIFACT_FOLDER = 'dist/function';

/**
 * Checks the text of a `function.json`.
 *
 * @param file where the text came from, for messages
 * @throws FunctionManifestError naming every mistake in it
 */
export function parseFunctionManifest(text: string, file: string): FunctionManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FunctionManifestError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = v.safeParse(functionManifestSchema, json);
  if (!result.success) {
    throw new FunctionManifestError(`${file}: ${result.issues.map(describeIssue).join('; ')}`);
  }
  return result.output;
}

/**
 * Every function of a workspace: each folder of `apps/` that holds a `function.json`, in the order of their names.
 *
 * @throws FunctionManifestError where a manifest is wrong, or names another function than its folder does
 */
export function loadFunctions(workspaceRoot: string): WorkspaceFunction[] {
  const apps = join(workspaceRoot, 'apps');
  return readdirSync(apps)
    .sort()
    .map((folder) => join(apps, folder))
    .filter((root) => existsSync(join(root, 'function.json')))
    .map(loadFunction);
}

function loadFunction(root: string): WorkspaceFunction {
  const file = join(root, 'function.json');
  const manifest = parseFunctionManifest(readFileSync(file, 'utf8'), file);
  if (manifest.name !== basename(root)) {
    throw new FunctionManifestError(
      `${file}: the name "${manifest.name}" is not its folder's, "${basename(root)}"`,
    );
  }
  return { manifest, root, artifact: join(root, ARTIFACT_FOLDER) };
}

/** Whether a function is fed by a queue of its own. */
export function hasQueue(trigger: Trigger): trigger is QueueTrigger {
  return trigger.type === 's3-sqs' || trigger.type === 'sqs';
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the manifest';
  return `${place}: ${issue.message} (got ${issue.received})`;
}
