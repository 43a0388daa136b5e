import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Creates node_modules in a copy of a workspace without installing anything: npm packages link to those of the original
 * workspace, and the workspace's own packages link to the copy.
 */
export function linkPackages(workspaceRoot: string, copy: string): void {
  const from = join(workspaceRoot, 'node_modules');
  const to = join(copy, 'node_modules');
  mkdirSync(join(to, '@data-aggregator'), { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry !== '@data-aggregator' && entry !== '.cache') symlinkSync(join(from, entry), join(to, entry));
  }
  for (const group of ['libs', 'tools'].filter((folder) => existsSync(join(copy, folder)))) {
    for (const project of readdirSync(join(copy, group))) {
      symlinkSync(join(copy, group, project), join(to, '@data-aggregator', project));
    }
  }
}
