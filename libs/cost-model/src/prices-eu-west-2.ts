import { type Prices, quoted, remembered } from './prices.ts';

const listed = (usd: number, unit: string, offer: string, date: string) =>
  quoted('eu-west-2', usd, unit, offer, date);

/** Europe (London). */
export const euWest2: Prices = {
  s3PutPer1000: listed(0.0053, '1,000 PUT, COPY, POST or LIST requests', 'AmazonS3', '2026-09'),
  s3GetPer1000: listed(0.00042, '1,000 GET requests', 'AmazonS3', '2026-09'),
  s3StandardGbMonth: listed(0.024, 'GB-month in Standard', 'AmazonS3', '2026-09'),
  s3InstantGbMonth: remembered(0.005, 'GB-month in Glacier Instant Retrieval', 's3'),
  s3InstantPutPer1000: remembered(0.02, '1,000 PUT requests to Instant Retrieval', 's3'),
  s3DeepArchiveGbMonth: remembered(0.0018, 'GB-month in Deep Archive', 's3'),
  s3DeepArchiveTransitionPer1000: remembered(0.06, '1,000 transitions to Deep Archive', 's3'),
  transferOutGb: listed(0.09, 'GB to the internet', 'AWSDataTransfer', '2026-09'),
  sqsPerMillion: listed(0.4, 'million requests', 'AWSQueueService', '2026-09'),
  lambdaArmGbSecond: listed(0.0000133334, 'GB-second on arm64', 'AWSLambda', '2026-10'),
  lambdaRequestsPerMillion: listed(0.2, 'million invocations', 'AWSLambda', '2026-10'),
  dynamoWritePerMillion: remembered(0.7423, 'million write request units', 'dynamodb'),
  dynamoReadPerMillion: remembered(0.1485, 'million read request units', 'dynamodb'),
  dynamoStorageGbMonth: remembered(0.297, 'GB-month of table', 'dynamodb'),
  dynamoRecoveryGbMonth: remembered(0.2376, 'GB-month of point-in-time recovery', 'dynamodb'),
  logsIngestGb: listed(0.5985, 'GB of log lines', 'AmazonCloudWatch', '2026-09'),
  logsStorageGbMonth: listed(0.0315, 'GB-month of compressed logs', 'AmazonCloudWatch', '2026-09'),
  spansIngestGb: remembered(0.42, 'GB of spans', 'cloudwatch'),
  metricMonth: listed(0.3, 'custom metric a month', 'AmazonCloudWatch', '2026-09'),
  metricDataPer1000: remembered(0.01, '1,000 metrics read by GetMetricData', 'cloudwatch'),
  alarmMonth: listed(0.1, 'alarm a month', 'AmazonCloudWatch', '2026-09'),
  compositeAlarmMonth: remembered(0.5, 'composite alarm a month', 'cloudwatch'),
  dashboardMonth: remembered(3, 'dashboard a month', 'cloudwatch'),
  endpointHour: listed(0.011, 'interface endpoint, zone and hour', 'AmazonVPC', '2026-09'),
};
