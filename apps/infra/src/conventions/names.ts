import { Aws, Fn } from 'aws-cdk-lib';
import type { bucketNames } from '@data-aggregator/function-manifest';

/** A bucket that functions may know of, or the one that their access logs go to. */
export type BucketName = (typeof bucketNames)[number] | 'access-logs';

const PROJECT = 'data-aggregator';

/** A physical name, unique in an account and region: `data-aggregator-<environment>-<name>`. */
export function physicalName(environment: string, name: string): string {
  return `${PROJECT}-${environment}-${name}`;
}

/** Bucket names are one space for the whole world, hence account and region. */
export function bucketName(environment: string, bucket: BucketName): string {
  return Fn.sub(bucketPattern(environment, bucket));
}

export function bucketArn(environment: string, bucket: BucketName, key = ''): string {
  return Fn.sub(`arn:\${AWS::Partition}:s3:::${bucketPattern(environment, bucket)}${key && `/${key}`}`);
}

function bucketPattern(environment: string, bucket: BucketName): string {
  return `${physicalName(environment, bucket)}-\${AWS::AccountId}-\${AWS::Region}`;
}

export function queueName(environment: string, fn: string): string {
  return physicalName(environment, fn);
}

export function deadLettersName(environment: string, fn: string): string {
  return physicalName(environment, `${fn}-dead-letters`);
}

/** A queue's URL as AWS forms it. It is formed, not looked up, so that the queue may be in another stack. */
export function queueUrl(name: string): string {
  return Fn.sub(`https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${name}`);
}

/** Where X-Ray takes spans in OpenTelemetry's protocol. */
export function tracesEndpoint(): string {
  return Fn.sub('https://xray.${AWS::Region}.${AWS::URLSuffix}/v1/traces');
}

export function tableName(environment: string): string {
  return physicalName(environment, 'ledger');
}

export function functionName(environment: string, fn: string): string {
  return physicalName(environment, fn);
}

export function logGroupName(environment: string, fn: string): string {
  return `/${PROJECT}/${environment}/${fn}`;
}

/** Where the network component leaves the ids of what it made; ids, unlike names, cannot be chosen. */
export function networkParameter(environment: string, id: string): string {
  return `/${PROJECT}/${environment}/network/${id}`;
}

/** An ARN in this account and region, such as `arn('sqs', name)`. */
export function arn(service: string, resource: string): string {
  return Fn.sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
}

export const account = Aws.ACCOUNT_ID;

/** `access-logs` → `AccessLogs`. Construct ids come from names, never from an order. */
export function constructId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Namespace of the metrics that functions write into their logs, and of those made from their logs. */
export const METRIC_NAMESPACE = 'DataAggregator';

/** A figure that only Lambda's own lines in a function's log tell. */
export type LogMetric = 'Timeouts' | 'MaxMemoryUsedMB';

/**
 * Name of a metric made from a function's log. The name tells functions and environments apart: a dimension would
 * have to be a field of the line, and Lambda's own lines have none for it.
 */
export function logMetricName(environment: string, fn: string, metric: LogMetric): string {
  return `${environment}.${fn}.${metric}`;
}
