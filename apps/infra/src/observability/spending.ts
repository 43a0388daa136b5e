import { Aws, CfnCondition, Duration, Fn } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { type CfnAlarm, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { physicalName } from '../conventions/names.ts';
import { ENVIRONMENT_TAG } from '../conventions/tags.ts';
import { alarm, type Watch } from './alarm.ts';

/**
 * A budget for all resources with this environment's tag, and an alarm on the account's estimated charges. The tag must be
 * activated for cost allocation once, in the billing console.
 */
export function spending(watch: Watch): void {
  const { scope, environment, topics } = watch;
  const { monthlyBudgetUsd } = environment.observability;
  const notify = (notificationType: string, threshold: number, topic: string) => ({
    notification: {
      notificationType,
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
    },
    subscribers: [{ subscriptionType: 'SNS', address: topic }],
  });
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: physicalName(environment.name, 'monthly'),
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:${ENVIRONMENT_TAG}$${environment.name}`] },
    },
    notificationsWithSubscribers: [
      notify('FORECASTED', 100, topics.warning.ref),
      notify('ACTUAL', 100, topics.critical.ref),
    ],
  });

  const charges = alarm(watch, {
    id: 'charges',
    meaning: `The account's charges this month have reached the budget of ${monthlyBudgetUsd} US dollars.`,
    section: 'spending',
    notifies: 'warning',
    metric: new Metric({
      namespace: 'AWS/Billing',
      metricName: 'EstimatedCharges',
      dimensionsMap: { Currency: 'USD' },
      statistic: Stats.MAXIMUM,
      period: Duration.hours(6),
    }),
    atLeast: monthlyBudgetUsd,
  });
  // CloudWatch reports the charges of all regions in this region only.
  (charges.node.defaultChild as CfnAlarm).cfnOptions.condition = new CfnCondition(
    scope,
    'HasBillingMetrics',
    {
      expression: Fn.conditionEquals(Aws.REGION, 'us-east-1'),
    },
  );
}
