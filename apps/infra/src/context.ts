import type { Construct } from 'constructs';
import type { Environment } from './environments/environment.ts';
import type { DeployedFunction } from './functions.ts';

/** What every part of a component is made from. */
export interface Context {
  scope: Construct;
  environment: Environment;
  functions: readonly DeployedFunction[];
}
