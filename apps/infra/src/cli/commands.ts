import { UserError } from '../user-error.ts';
import type { Environment } from '../environments/environment.ts';
import type { Cdk } from './cdk.ts';
import { type Selection, select } from './select-stacks.ts';

/** The input of every command. */
export interface Deployment {
  environment: Environment;
  /** Ids of the environment's stacks, such as `stateful`. */
  stacks: readonly string[];
  cdk: Cdk;
  say: (line: string) => void;
}

export interface Consent {
  /** Whether a protected environment may be changed. */
  confirm?: boolean | undefined;
}

/** Shows what a deployment would change; changes nothing. */
export async function diff({ stacks, cdk }: Deployment, selection: Selection): Promise<void> {
  await cdk('diff', ...select(stacks, selection), '--exclusively');
}

/**
 * Shows the changes, then deploys them, one component after the other.
 *
 * @throws UserError if the environment is protected and `confirm` is not set
 */
export async function deploy(deployment: Deployment, selection: Selection & Consent): Promise<void> {
  const { cdk, environment, say, stacks } = deployment;
  const selected = select(stacks, selection);
  requireConsent(environment, selection, 'deploy');
  say(`Changes to ${environment.name}:`);
  await cdk('diff', ...selected, '--exclusively', '--method', 'template');
  say(`Deploying ${selected.join(', ')}.`);
  await cdk('deploy', ...selected, '--exclusively', '--require-approval', 'never');
}

/**
 * Deletes the selected stacks, the last component first. A protected environment keeps its resources with data. In any
 * environment CloudFormation refuses to delete a bucket that is not empty.
 *
 * @throws UserError if the environment is protected and `confirm` is not set
 */
export async function destroy(deployment: Deployment, selection: Selection & Consent): Promise<void> {
  const { cdk, environment, stacks } = deployment;
  const selected = select(stacks, selection).reverse();
  requireConsent(environment, selection, 'destroy');
  for (const stack of selected) await cdk('destroy', stack, '--exclusively', '--force');
}

/** Prepares an account and region for CDK, once. */
export async function bootstrap({ cdk, environment }: Deployment, consent: Consent): Promise<void> {
  requireConsent(environment, consent, 'bootstrap');
  await cdk('bootstrap');
}

function requireConsent(
  { name, protected: isProtected }: Environment,
  consent: Consent,
  command: string,
): void {
  if (!isProtected || consent.confirm === true) return;
  throw new UserError(
    `${name} is protected: review "npx nx run infra:diff --configuration=${name}", then run ${command} with --confirm.`,
  );
}
