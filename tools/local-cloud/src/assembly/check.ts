import { matchesPattern } from '../iam/pattern.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { AssemblyError } from './cloud-assembly.ts';
import { accountId } from './identity.ts';
import type { CloudModel } from './model.ts';

/**
 * Checks for what CloudFormation or a service would refuse, or what would silently never work once deployed: dangling
 * references, and missing permissions that a service needs.
 *
 * @throws AssemblyError
 */
export function checkModel(model: CloudModel, authorizer: Authorizer): void {
  checkMappings(model, authorizer);
  checkNotifications(model, authorizer);
  checkTriggers(model, authorizer);
  for (const { name, roleArn } of model.functions) {
    if (!model.roles.some(({ arn }) => arn === roleArn)) {
      throw new AssemblyError(`function ${name}: no template defines its role ${roleArn}`);
    }
  }
  for (const { name, deadLetterArn } of model.queues) {
    if (deadLetterArn !== undefined && !model.queues.some(({ arn }) => arn === deadLetterArn)) {
      throw new AssemblyError(`queue ${name}: no template defines its dead-letter queue ${deadLetterArn}`);
    }
  }
}

function checkMappings({ mappings, functions, queues }: CloudModel, authorizer: Authorizer): void {
  for (const { functionName, queueArn } of mappings) {
    const fn = functions.find(({ name }) => name === functionName);
    if (!fn)
      throw new AssemblyError(
        `an event source mapping feeds ${functionName}, which is not defined by any template`,
      );
    const queue = queues.find(({ arn }) => arn === queueArn);
    if (!queue)
      throw new AssemblyError(
        `${functionName} is fed from ${queueArn}, which is not defined by any template`,
      );
    const visibility = Number(queue.attributes['VisibilityTimeout'] ?? 30);
    if (visibility < fn.timeoutSeconds) {
      throw new AssemblyError(
        `${functionName}: its timeout of ${fn.timeoutSeconds} s exceeds the visibility timeout of its queue, ${visibility} s`,
      );
    }
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
      if (!authorizer.authorizeRole(fn.roleArn, action, queueArn).allowed) {
        throw new AssemblyError(
          `${functionName}: its role does not allow ${action} on ${queueArn}, which the mapping needs`,
        );
      }
    }
  }
}

function checkNotifications({ buckets, queues, topics }: CloudModel, authorizer: Authorizer): void {
  for (const { name, arn, notifications } of buckets) {
    for (const { target } of notifications) {
      if (![...queues, ...topics].some((known) => known.arn === target.arn)) {
        throw new AssemblyError(
          `bucket ${name} notifies ${target.arn}, which is not defined by any template`,
        );
      }
      const action = target.kind === 'queue' ? 'sqs:SendMessage' : 'sns:Publish';
      const context = { 'aws:SourceArn': arn, 'aws:SourceAccount': accountId };
      if (!authorizer.authorizeService('s3.amazonaws.com', action, target.arn, context).allowed) {
        throw new AssemblyError(
          `bucket ${name}: the policy of ${target.arn} does not allow S3 to call ${action}`,
        );
      }
    }
  }
  for (const { arn, queueSubscriptions } of topics) {
    for (const { queueArn, deadLetterArn } of queueSubscriptions) {
      const sender = { what: `topic ${arn}`, arn, service: 'sns.amazonaws.com', name: 'SNS' };
      checkSender(sender, [queueArn, deadLetterArn], queues, authorizer);
    }
  }
}

/** Checks that a topic or rule may send to its queues. */
function checkSender(
  { what, arn, service, name }: { what: string; arn: string; service: string; name: string },
  targets: readonly (string | undefined)[],
  queues: CloudModel['queues'],
  authorizer: Authorizer,
): void {
  for (const queueArn of targets) {
    if (queueArn === undefined) continue;
    if (!queues.some((known) => known.arn === queueArn)) {
      throw new AssemblyError(`${what} sends to ${queueArn}, which is not defined by any template`);
    }
    const context = { 'aws:SourceArn': arn, 'aws:SourceAccount': accountId };
    if (!authorizer.authorizeService(service, 'sqs:SendMessage', queueArn, context).allowed) {
      throw new AssemblyError(
        `${what}: the policy of ${queueArn} does not allow ${name} to call sqs:SendMessage`,
      );
    }
  }
}

function checkTriggers(
  { triggers, eventRules, functions, queues, permissions }: CloudModel,
  authorizer: Authorizer,
): void {
  const rules = eventRules.flatMap(({ name, arn, target }) =>
    target.kind === 'function' ? { name, arn, functionArn: target.arn, roleArn: undefined } : [],
  );
  for (const { name, arn, target, deadLetterArn } of eventRules) {
    const sender = { what: `rule ${name}`, arn, service: 'events.amazonaws.com', name: 'EventBridge' };
    const sentTo = target.kind === 'queue' ? target.arn : undefined;
    checkSender(sender, [sentTo, deadLetterArn], queues, authorizer);
  }
  for (const { name, arn, functionArn, roleArn } of [...triggers, ...rules]) {
    if (!functions.some((fn) => fn.arn === functionArn)) {
      throw new AssemblyError(`${name} invokes ${functionArn}, which is not defined by any template`);
    }
    const allowed =
      roleArn === undefined
        ? permissions.some(
            (permission) =>
              permission.functionArn === functionArn &&
              permission.action === 'lambda:InvokeFunction' &&
              permission.principal === 'events.amazonaws.com' &&
              (permission.sourceArn === undefined || matchesPattern(permission.sourceArn, arn)),
          )
        : authorizer.authorizeRole(roleArn, 'lambda:InvokeFunction', functionArn).allowed;
    if (!allowed) throw new AssemblyError(`${name} is not permitted to invoke ${functionArn}`);
  }
}
