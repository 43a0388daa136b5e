import type { QueueTrigger } from '@data-aggregator/function-manifest';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventSourceMapping, type CfnFunction, CfnPermission, CfnUrl } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Context } from '../app/component.ts';
import type { DeployedFunction } from '../app/functions.ts';
import { arn, physicalName, queueName } from '../conventions/names.ts';
import { tagResource } from '../conventions/tags.ts';

/** The resources that invoke a function. A `request` function needs none: its caller needs the permission to invoke it. */
export function trigger(context: Context, fn: DeployedFunction, made: CfnFunction): void {
  const { name, trigger: what } = fn.manifest;
  switch (what.type) {
    case 's3-sqs':
    case 'sqs':
      return queueMapping(context, name, what, made);
    case 'schedule':
      return rule(context, name, { scheduleExpression: what.expression }, made);
    case 'event-bridge':
      return rule(context, name, { eventPattern: what.pattern }, made);
    case 'function-url':
      return url(context.scope, what.auth, made);
    case 'request':
      return;
  }
}

function queueMapping(
  { scope, environment }: Context,
  fn: string,
  settings: QueueTrigger,
  made: CfnFunction,
) {
  const mapping = new CfnEventSourceMapping(scope, 'Mapping', {
    eventSourceArn: arn('sqs', queueName(environment.name, fn)),
    functionName: made.ref,
    batchSize: settings.batchSize,
    maximumBatchingWindowInSeconds: settings.batchWindowSeconds,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: settings.maxConcurrency },
  });
  tagResource(mapping, `${fn}.mapping`);
}

function rule(
  { scope, environment }: Context,
  fn: string,
  when: { scheduleExpression: string } | { eventPattern: Record<string, unknown> },
  made: CfnFunction,
): void {
  const eventRule = new CfnRule(scope, 'Rule', {
    name: physicalName(environment.name, fn),
    description: `Invokes ${fn}.`,
    ...when,
    targets: [{ id: 'function', arn: made.attrArn }],
  });
  new CfnPermission(scope, 'RulePermission', {
    functionName: made.ref,
    action: 'lambda:InvokeFunction',
    principal: 'events.amazonaws.com',
    sourceArn: eventRule.attrArn,
  });
  tagResource(eventRule, `${fn}.rule`);
}

/** A function URL. Without authentication it needs both permissions, for all principals. */
function url(scope: Construct, auth: 'iam' | 'none', made: CfnFunction): void {
  new CfnUrl(scope, 'Url', {
    targetFunctionArn: made.attrArn,
    authType: auth === 'iam' ? 'AWS_IAM' : 'NONE',
  });
  if (auth === 'iam') return;
  new CfnPermission(scope, 'UrlPermission', {
    functionName: made.ref,
    action: 'lambda:InvokeFunctionUrl',
    principal: '*',
    functionUrlAuthType: 'NONE',
  });
  new CfnPermission(scope, 'UrlInvokePermission', {
    functionName: made.ref,
    action: 'lambda:InvokeFunction',
    principal: '*',
    invokedViaFunctionUrl: true,
  });
}
