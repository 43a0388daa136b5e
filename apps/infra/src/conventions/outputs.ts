import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Values that a deployment prints. Nothing is exported: an export ties the stack that makes it to every one that uses
 * it, and components are deployed alone.
 */
export function outputs(scope: Construct, values: Readonly<Record<string, string>>): void {
  for (const [id, value] of Object.entries(values)) new CfnOutput(scope, id, { value });
}
