import { type Prices, quoted, read, remembered } from './prices.ts';

const listed = (usd: number, unit: string, offer: string, date: string) =>
  quoted('us-east-1', usd, unit, offer, date);

const S3 =
  'https://www.cloudkaramchari.com/blog/understanding-per-1000-put-copy-post-or-list-requests-in-amazon-s3-pricing/';
const S3_CLASSES = 'https://go-cloud.io/?p=10624';
const SQS = 'https://cloudburn.io/blog/amazon-sqs-pricing';
const LAMBDA = 'https://cloudchipr.com/blog/aws-lambda-pricing';
const DYNAMO = 'https://airbyte.com/data-engineering-resources/dynamodb-pricing';
const CLOUDWATCH =
  'https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/';

/** US East (N. Virginia). */
export const usEast1: Prices = {
  s3PutPer1000: read(0.005, '1,000 PUT, COPY, POST or LIST requests', S3, '2024'),
  s3GetPer1000: listed(0.0004, '1,000 GET requests', 'AmazonS3', '2026-10'),
  s3StandardGbMonth: read(0.023, 'GB-month in Standard', S3_CLASSES, '2025-09'),
  s3InstantGbMonth: listed(0.004, 'GB-month in Glacier Instant Retrieval', 'AmazonS3', '2026'),
  s3InstantPutPer1000: listed(0.02, '1,000 PUT requests to Instant Retrieval', 'AmazonS3', '2026'),
  s3DeepArchiveGbMonth: read(0.00099, 'GB-month in Deep Archive', S3_CLASSES, '2025-09'),
  s3DeepArchiveTransitionPer1000: read(0.05, '1,000 transitions to Deep Archive', S3_CLASSES, '2025-09'),
  transferOutGb: read(
    0.09,
    'GB to the internet',
    'https://unanswered.io/guide/aws-sqs-pricing-and-cost-optimization',
    '2026',
  ),
  sqsPerMillion: read(0.4, 'million requests', SQS, '2026-03'),
  lambdaArmGbSecond: read(0.0000133334, 'GB-second on arm64', LAMBDA, '2024'),
  lambdaRequestsPerMillion: listed(0.2, 'million invocations', 'AWSLambda', '2025-10'),
  dynamoWritePerMillion: read(0.625, 'million write request units', DYNAMO, '2025-07'),
  dynamoReadPerMillion: read(0.125, 'million read request units', DYNAMO, '2025-07'),
  dynamoStorageGbMonth: listed(0.25, 'GB-month of table', 'AmazonDynamoDB', '2026-10'),
  dynamoRecoveryGbMonth: listed(0.2, 'GB-month of point-in-time recovery', 'AmazonDynamoDB', '2026-10'),
  logsIngestGb: read(0.5, 'GB of log lines', CLOUDWATCH, '2026-06'),
  logsStorageGbMonth: listed(0.03, 'GB-month of compressed logs', 'AmazonCloudWatch', '2025-10'),
  spansIngestGb: remembered(0.35, 'GB of spans', 'cloudwatch'),
  metricMonth: read(0.3, 'custom metric a month', 'https://signoz.io/guides/cloudwatch-pricing', '2026-02'),
  metricDataPer1000: remembered(0.01, '1,000 metrics read by GetMetricData', 'cloudwatch'),
  alarmMonth: listed(0.1, 'alarm a month', 'AmazonCloudWatch', '2025-10'),
  compositeAlarmMonth: listed(0.5, 'composite alarm a month', 'AmazonCloudWatch', '2025-10'),
  dashboardMonth: read(3, 'dashboard a month', CLOUDWATCH, '2026-06'),
  endpointHour: listed(0.01, 'interface endpoint, zone and hour', 'AmazonVPC', '2026-08'),
};
