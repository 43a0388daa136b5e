import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from 'aws-cdk-lib/aws-sns';
import { account, constructId, physicalName } from '../conventions/names.ts';
import type { Context } from '../app/component.ts';
import { policyDocument, tlsOnly } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/** `warning`: act in working hours. `critical`: files are late or at risk, act now. */
export type Severity = 'warning' | 'critical';

/** The topics that alarms notify. */
export type Topics = Readonly<Record<Severity, CfnTopic>>;

/**
 * One topic per severity, not encrypted with a KMS key: CloudWatch could publish only with a customer managed key, which
 * costs money, and an alarm contains nothing of the files' content.
 */
export function topics(context: Context): Topics {
  const { warningEmails, criticalEmails } = context.environment.observability;
  return {
    warning: topic(context, 'warning', warningEmails),
    critical: topic(context, 'critical', criticalEmails),
  };
}

function topic({ scope, environment }: Context, severity: Severity, emails: readonly string[]): CfnTopic {
  const id = constructId(`${severity}-topic`);
  const made = new CfnTopic(scope, id, { topicName: physicalName(environment.name, severity) });
  new CfnTopicPolicy(scope, `${id}Policy`, {
    topics: [made.ref],
    policyDocument: policyDocument([
      tlsOnly('sns:Publish', [made.ref]),
      new PolicyStatement({
        sid: 'AlarmsAndBudgets',
        principals: [
          new ServicePrincipal('cloudwatch.amazonaws.com'),
          new ServicePrincipal('budgets.amazonaws.com'),
        ],
        actions: ['sns:Publish'],
        resources: [made.ref],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    ]),
  });
  for (const email of emails) {
    new CfnSubscription(scope, `${id}To${constructId(email)}`, {
      topicArn: made.ref,
      protocol: 'email',
      endpoint: email,
    });
  }
  return tagResource(made, `alarms.${severity}`);
}
