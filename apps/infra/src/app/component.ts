import type { Construct } from 'constructs';
import type { Environment } from '../environments/environment.ts';
import type { DeployedFunction } from './functions.ts';

/** The components, in the order in which they are deployed. */
export const components = ['network', 'stateful', 'application', 'observability'] as const;

export type Component = (typeof components)[number];

/** The input of every part of a component. */
export interface Context {
  scope: Construct;
  environment: Environment;
  functions: readonly DeployedFunction[];
}
