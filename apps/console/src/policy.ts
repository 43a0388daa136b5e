/** An IAM policy. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
}

export interface PolicyOptions {
  /** Name of the environment. */
  env: string;
  allowChanges?: boolean;
  /** 12 digits; by default every account, which the identity's own account limits anyway. */
  account?: string;
  region?: string;
  /** `aws`, `aws-cn`, `aws-us-gov` */
  partition?: string;
}

/**
 * What the console needs on AWS, and nothing else. `policy.integration.spec.ts` runs every route with it, and shows that each action on each
 * resource is needed. A bucket with a KMS key of its own needs `kms:Decrypt` on that key in addition.
 */
export function policyOf({
  env,
  allowChanges = false,
  account = '*',
  region = '*',
  partition = 'aws',
}: PolicyOptions): PolicyDocument {
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const name = (end: string) => `data-aggregator-${env}-${end}`;
  // Without account and region, their place in the name of a bucket is open; the hyphens keep it to this environment.
  const bucket = (which: string, keys = '') =>
    `arn:${partition}:s3:::${name(which)}-${account}-${region}${keys && `/${keys}`}`;
  const deadLetters = ['aggregator', 'large-objects'].map((fn) => arn('sqs', name(`${fn}-dead-letters`)));
  const ledger = arn('dynamodb', `table/${name('ledger')}`);
  const allow = (Sid: string, Action: string[], Resource: string[]): PolicyStatement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
  });
  const read = [
    allow('Settings', ['lambda:GetFunctionConfiguration'], [arn('lambda', `function:${name('*')}`)]),
    // These two have no resources, or none that composite alarms could be limited to.
    allow('Metrics', ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'], ['*']),
    allow('Logs', ['logs:FilterLogEvents'], [arn('logs', `log-group:/data-aggregator/${env}/*`)]),
    allow(
      'Lists',
      ['s3:ListBucket'],
      ['landing', 'distribution', 'archive'].map((one) => bucket(one)),
    ),
    allow('Versions', ['s3:ListBucketVersions'], [bucket('landing'), bucket('distribution')]),
    allow(
      'Bundles',
      ['s3:GetObject'],
      [
        bucket('distribution', 'bundles/*'),
        bucket('distribution', 'replays/*'),
        bucket('archive', 'bundles/*'),
        bucket('archive', 'manifests/*'),
        bucket('archive', 'receipts/*'),
      ],
    ),
    allow('Ledger', ['dynamodb:GetItem'], [ledger]),
    // Readers of a queue hide its messages and make them visible again.
    allow('Quarantine', ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'], deadLetters),
  ];
  const change = [
    allow('RemoveDeadLetters', ['sqs:DeleteMessage'], deadLetters),
    allow('Redrive', ['sqs:SendMessage'], [arn('sqs', name('aggregator'))]),
    allow('QuarantineMarks', ['dynamodb:DeleteItem', 'dynamodb:PutItem'], [ledger]),
    allow('Drop', ['s3:PutObject'], [bucket('archive', 'dropped/*')]),
  ];
  return { Version: '2012-10-17', Statement: allowChanges ? [...read, ...change] : read };
}
