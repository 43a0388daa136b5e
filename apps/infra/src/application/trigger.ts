import { CfnEventSourceMapping, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Context } from '../context.ts';
import { type DeployedFunction, isQueueFunction } from '../functions.ts';
import { arn, queueName } from '../names.ts';
import { tagResource } from '../tags.ts';

/** What invokes a function. */
export function trigger({ scope, environment }: Context, fn: DeployedFunction, made: CfnFunction): void {
  if (!isQueueFunction(fn)) return;
  const { name, trigger: settings } = fn.manifest;
  const mapping = new CfnEventSourceMapping(scope, 'Mapping', {
    eventSourceArn: arn('sqs', queueName(environment.name, name)),
    functionName: made.ref,
    batchSize: settings.batchSize,
    maximumBatchingWindowInSeconds: settings.batchWindowSeconds,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: settings.maxConcurrency },
  });
  tagResource(mapping, `${name}.mapping`);
}
