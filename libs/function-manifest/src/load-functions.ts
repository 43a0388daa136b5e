import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { type FunctionManifest, functionManifestSchema, type QueueTrigger, type Trigger } from './schema.ts';

/** A function in the workspace. */
export interface WorkspaceFunction {
  manifest: FunctionManifest;
  /** Absolute folder of the function's project. */
  root: string;
  /** Absolute folder of its built artifact, which contains only `index.mjs`. */
  artifact: string;
}

/** An invalid `function.json`. The message names the file, the path in it and the value. */
export class FunctionManifestError extends Error {
  override readonly name = 'FunctionManifestError';
}

/** Folder of a function's artifact, relative to its project. Its handler is `index.handler`. */
export const ARTIFACT_FOLDER = 'dist/function';

/**
 * Parses and validates the text of a `function.json`.
 *
 * @param file the file's path, for messages
 * @throws FunctionManifestError with every problem
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
 * Loads every function of a workspace: each folder of `apps/` with a `function.json`, ordered by name.
 *
 * @throws FunctionManifestError if a manifest is invalid, or its name is not that of its folder
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
      `${file}: the name "${manifest.name}" differs from the folder's name, "${basename(root)}"`,
    );
  }
  return { manifest, root, artifact: join(root, ARTIFACT_FOLDER) };
}

/** Whether a function has its own queue. */
export function hasQueue(trigger: Trigger): trigger is QueueTrigger {
  return trigger.type === 's3-sqs' || trigger.type === 'sqs';
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the manifest';
  return `${place}: ${issue.message} (got ${issue.received})`;
}
