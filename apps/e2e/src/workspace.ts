import { join } from 'node:path';

/** The workspace's folder. */
export const workspaceRoot = join(import.meta.dirname, '../../..');

/** Templates of an environment, as `nx run infra:synth` writes them. */
export function assemblyOf(environment: string): string {
  return join(workspaceRoot, 'apps/infra/cdk.out', environment);
}

/** Where the target `sandbox` leaves its templates, with short waiting times. */
export const sandboxAssembly = join(workspaceRoot, 'apps/e2e/dist/assemblies/sandbox');
