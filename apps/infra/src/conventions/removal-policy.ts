import { CfnDeletionPolicy, type CfnResource } from 'aws-cdk-lib';
import type { Environment } from '../environments/environment.ts';

/** Retains a resource with data when its stack is deleted or the resource replaced, if the environment is protected. */
export function applyRemovalPolicy(resource: CfnResource, environment: Environment): void {
  const policy = environment.protected ? CfnDeletionPolicy.RETAIN : CfnDeletionPolicy.DELETE;
  resource.cfnOptions.deletionPolicy = policy;
  resource.cfnOptions.updateReplacePolicy = policy;
}
