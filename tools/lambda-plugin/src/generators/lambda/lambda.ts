import { join } from 'node:path';
import { type FunctionManifestInput, parseFunctionManifest } from '@data-aggregator/function-manifest';
import { generateFiles, getProjects, logger, type Tree } from '@nx/devkit';
import { jsonText } from '../json-text.ts';
import { UsageError } from '../../commands/command.ts';
import { addReference } from '../project-references.ts';
import { isQueue, type LambdaOptions, manifestFrom } from './options.ts';
import { sampleNotification } from './sample-notification.ts';

const TEMPLATES = join(import.meta.dirname, 'templates');

/**
 * Adds `apps/<name>`. Infrastructure, the embedded cloud and this plugin find it by its function.json, so the only other
 * edit is a reference in the root tsconfig.json. An existing function is not changed.
 *
 * @throws UsageError before anything is written
 */
export default function lambda(tree: Tree, options: LambdaOptions): void {
  const manifest = manifestFrom(options);
  const root = `apps/${manifest.name}`;
  if (tree.exists(`${root}/function.json`)) return keep(tree, root, manifest);
  refuseTaken(tree, manifest.name, root);
  const { name, description, trigger } = manifest;
  const source = trigger.type === 's3-sqs' ? trigger : { bucket: '', notifiedBy: 's3' as const };
  const { bucket, notifiedBy = 's3' } = source;
  const notification = JSON.stringify(sampleNotification(bucket, notifiedBy));
  for (const folder of ['common', isQueue(trigger) ? 'queue' : 'direct', trigger.type]) {
    generateFiles(tree, join(TEMPLATES, folder), root, { name, description, notification });
  }
  tree.write(`${root}/function.json`, `${jsonText(manifest)}\n`);
  addReference(tree, root);
}

/** Leaves an existing function alone, since it may have been edited. */
function keep(tree: Tree, root: string, wanted: FunctionManifestInput): void {
  const file = `${root}/function.json`;
  const { trigger } = parseFunctionManifest(tree.read(file, 'utf8') ?? '', file);
  if (trigger.type !== wanted.trigger.type) {
    throw new UsageError(
      `${wanted.name} already exists with the trigger ${trigger.type}. Edit ${file}, or remove the function first.`,
    );
  }
  logger.info(`${wanted.name} already exists; nothing was changed.`);
}

/** A folder with nothing but `dist` is free: switching branches leaves it behind. */
function refuseTaken(tree: Tree, name: string, root: string): void {
  const isUsed = tree.children(root).some((child) => child !== 'dist');
  const taken = getProjects(tree).get(name)?.root ?? (isUsed ? root : undefined);
  if (taken !== undefined) throw new UsageError(`The name "${name}" is taken by ${taken}.`);
}
