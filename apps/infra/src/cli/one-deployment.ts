import { stderr } from '@data-aggregator/terminal';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WORKSPACE_ROOT } from '../app/functions.ts';
import type { Selection } from './select-stacks.ts';

type Exclusively = (
  file: string,
  work: () => Promise<void>,
  options: { onWait: () => void },
) => Promise<void>;

/**
 * Why a deployment is left to another task of the same Nx run; undefined if it is not. After a change to a function, Nx also
 * runs infra's `deploy`; the Nx plugin sets DEPLOYED_BY to tell which of the two deploys.
 *
 * @param deployedBy `infra`, `functions`, or undefined outside of such a run
 */
export function leftToOthers(
  selection: Selection,
  environment: string,
  deployedBy: string | undefined,
): string | undefined {
  const fn = selection.function;
  if (deployedBy === 'infra' && fn !== undefined) {
    return `Nothing to do: infra:deploy deploys ${fn} to ${environment} in this run.`;
  }
  if (deployedBy === 'functions' && fn === undefined) {
    return `Nothing to do: only functions changed, and each deploys itself to ${environment} in this run.`;
  }
  return undefined;
}

/**
 * Runs a command as soon as no other command of this workspace works on the same environment: both would write the same
 * assembly and update the same stacks. CloudFormation itself refuses a concurrent update from another machine.
 */
export async function oneAtATime(environment: string, work: () => Promise<void>): Promise<void> {
  const lock = pathToFileURL(join(WORKSPACE_ROOT, 'scripts/lock.mjs')).href;
  const { exclusively } = (await import(lock)) as { exclusively: Exclusively };
  await exclusively(join(WORKSPACE_ROOT, `.nx/deployment-${environment}.lock`), work, {
    onWait: () => void stderr.write(`Waiting for another deployment of ${environment} on this machine …\n`),
  });
}
