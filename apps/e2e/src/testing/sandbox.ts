import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { CloudOptions } from '@data-aggregator/local-cloud';
import type { SentObject } from '@data-aggregator/pipeline-client';
import { type Pipeline, startPipeline } from '@data-aggregator/pipeline-client/embedded';
import { formatS3Record, type S3EventRecord } from '@data-aggregator/shared-processing/s3-event';
import { sandboxAssembly, workspaceRoot } from '../workspace.ts';

/** Boots the pipeline from the templates of `sandbox`, which have short timeouts, or from others. */
export function startSandbox(
  options: Partial<Pick<CloudOptions, 'assembly' | 'transformTemplate' | 'schedulesAtBoot'>> = {},
): Promise<Pipeline> {
  return startPipeline({ assembly: sandboxAssembly, ...options });
}

/**
 * Synthesises the sandbox's templates with other settings of the environment.
 *
 * @param folder receives the assembly
 * @returns the assembly's folder
 */
export function synthesiseSandbox(folder: string, settings: object): string {
  const options = ['--env=sandbox', `--out=${folder}`, `--settings=${JSON.stringify(settings)}`];
  execFileSync(process.execPath, [join(workspaceRoot, 'apps/infra/src/main.ts'), ...options]);
  return join(folder, 'sandbox');
}

/** S3's event record for an object. */
export function recordOf(object: SentObject): S3EventRecord {
  return formatS3Record({ ...object, etag: 'ignored-if-there-is-a-version', landedAt: Date.now() });
}

/** A notification with the given records. */
export function notificationOf(...records: unknown[]): string {
  return JSON.stringify({ Records: records });
}

/** Removes landing's notifications; the scenario sends its own. */
export const withoutNotifications: NonNullable<CloudOptions['transformTemplate']> = (template) => {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (!id.toLowerCase().includes('landing') || resource.Type !== 'AWS::S3::Bucket') return [id, resource];
    const { NotificationConfiguration: _, ...Properties } = resource.Properties ?? {};
    return [id, { ...resource, Properties }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
};
