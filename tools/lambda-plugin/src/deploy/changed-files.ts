import { execFileSync } from 'node:child_process';
import type { ChangeSelection } from './run-options.ts';

/**
 * The files that `nx affected` compares, from the workspace root: those named, else those that differ from the merge
 * base, including uncommitted and untracked ones unless a head is named.
 *
 * @throws Error if git fails, such as for an unknown revision
 */
export function changedFiles(
  { base, head, files, uncommitted, untracked }: ChangeSelection,
  workspaceRoot: string,
  defaultBase: string,
): string[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: workspaceRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const list = (...args: string[]) =>
    git(...args)
      .split('\n')
      .filter((line) => line !== '');
  const different = (...revisions: string[]) =>
    list('diff', '--name-only', '--no-renames', '--relative', ...revisions);
  const untrackedFiles = () => list('ls-files', '--others', '--exclude-standard');
  if (files) return [...files];
  if (uncommitted) return different('HEAD', '.');
  if (untracked) return untrackedFiles();
  const from = mergeBase(git, base ?? defaultBase, head ?? 'HEAD');
  if (head !== undefined) return different(from, head);
  return [...new Set([...different(from, 'HEAD'), ...different('HEAD', '.'), ...untrackedFiles()])];
}

/** A tree, such as the empty one, has no merge base: it is compared as it is. */
function mergeBase(git: (...args: string[]) => string, base: string, head: string): string {
  try {
    return git('merge-base', base, head).trim();
  } catch {
    return base;
  }
}
