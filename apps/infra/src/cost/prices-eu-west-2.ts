import type { Price, Prices } from './prices.ts';

/** No page that could be read lists this region, so every figure is from memory of AWS's own pages. */
const remembered = (usd: number, unit: string, page: string): Price => ({
  usd,
  unit,
  source: `https://aws.amazon.com/${page}/pricing/`,
  date: '2026-11',
  read: false,
});

/** Europe (London). */
export const euWest2: Prices = {
  s3PutPer1000: remembered(0.0053, '1,000 PUT, COPY, POST or LIST requests', 's3'),
  s3GetPer1000: remembered(0.00042, '1,000 GET requests', 's3'),
  s3StandardGbMonth: remembered(0.024, 'GB-month in Standard', 's3'),
  s3DeepArchiveGbMonth: remembered(0.0018, 'GB-month in Deep Archive', 's3'),
  s3DeepArchiveTransitionPer1000: remembered(0.06, '1,000 transitions to Deep Archive', 's3'),
  transferOutGb: remembered(0.09, 'GB to the internet', 's3'),
  sqsPerMillion: remembered(0.4, 'million requests', 'sqs'),
  lambdaArmGbSecond: remembered(0.0000133334, 'GB-second on arm64', 'lambda'),
  lambdaRequestsPerMillion: remembered(0.2, 'million invocations', 'lambda'),
  dynamoWritePerMillion: remembered(0.7423, 'million write request units', 'dynamodb'),
  dynamoReadPerMillion: remembered(0.1485, 'million read request units', 'dynamodb'),
  dynamoStorageGbMonth: remembered(0.297, 'GB-month of table', 'dynamodb'),
  dynamoRecoveryGbMonth: remembered(0.2376, 'GB-month of point-in-time recovery', 'dynamodb'),
  logsIngestGb: remembered(0.5985, 'GB of log lines', 'cloudwatch'),
  logsStorageGbMonth: remembered(0.0315, 'GB-month of compressed logs', 'cloudwatch'),
  spansIngestGb: remembered(0.42, 'GB of spans', 'cloudwatch'),
  metricMonth: remembered(0.3, 'custom metric a month', 'cloudwatch'),
  alarmMonth: remembered(0.1, 'alarm a month', 'cloudwatch'),
  compositeAlarmMonth: remembered(0.5, 'composite alarm a month', 'cloudwatch'),
  dashboardMonth: remembered(3, 'dashboard a month', 'cloudwatch'),
  endpointHour: remembered(0.011, 'interface endpoint, zone and hour', 'privatelink'),
};
