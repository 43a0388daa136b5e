import { Failure } from '../failure.ts';
import type { Environment } from '../environments/environment.ts';
import type { Cdk } from './cdk.ts';
import { type Selection, select } from './select-stacks.ts';

/** What the commands work on. */
export interface Deployment {
  environment: Environment;
  /** Ids of the environment's stacks. */
  stacks: readonly string[];
  cdk: Cdk;
  say: (line: string) => void;
}

export interface Consent {
  /** Whether a protected environment may be touched. */
  confirm?: boolean | undefined;
}

/** Shows what a deployment would change; changes nothing. */
export async function diff({ stacks, cdk }: Deployment, selection: Selection): Promise<void> {
  await cdk('diff', ...select(stacks, selection), '--exclusively');
}

/**
 * Shows what will change, and changes it, a component after the other.
 *
 * @throws Failure where the environment is protected and there is no consent
 */
export async function deploy(deployment: Deployment, selection: Selection & Consent): Promise<void> {
  const { cdk, environment, say, stacks } = deployment;
  const selected = select(stacks, selection);
  requireConsent(environment, selection, 'deploy');
  say(`This will change in ${environment.name}:`);
  await cdk('diff', ...selected, '--exclusively', '--method', 'template');
  say(`Deploying ${selected.join(', ')}.`);
  await cdk('deploy', ...selected, '--exclusively', '--require-approval', 'never');
}

/**
 * Removes what was selected, the last component first. What holds data stays in a protected environment, and a
 * bucket that is not empty stays everywhere.
 *
 * @throws Failure where the environment is protected and there is no consent
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
  throw new Failure(
    `${name} is protected: look at "npx nx run infra:diff --configuration=${name}", then ${command} with --confirm.`,
  );
}
