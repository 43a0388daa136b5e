import { CfnDeletionPolicy, type CfnResource } from 'aws-cdk-lib';
import type { Environment } from '../environments/environment.ts';

/** Nothing that holds data is deleted with its stack, or when it is replaced, where the environment is protected. */
export function applyRemovalPolicy(resource: CfnResource, environment: Environment): void {
  const policy = environment.protected ? CfnDeletionPolicy.RETAIN : CfnDeletionPolicy.DELETE;
  resource.cfnOptions.deletionPolicy = policy;
  resource.cfnOptions.updateReplacePolicy = policy;
}
