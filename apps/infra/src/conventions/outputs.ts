import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Values that a deployment prints. They are not exported: CloudFormation does not let a stack change an export that another
 * stack imports, and each component must be deployable alone.
 */
export function outputs(scope: Construct, values: Readonly<Record<string, string>>): void {
  for (const [id, value] of Object.entries(values)) new CfnOutput(scope, id, { value });
}
