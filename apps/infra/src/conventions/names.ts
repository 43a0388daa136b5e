import { Aws, Fn } from 'aws-cdk-lib';
import type { bucketNames } from '@data-aggregator/function-manifest';

/** A bucket that functions can access, or the bucket of the access logs. */
export type BucketName = (typeof bucketNames)[number] | 'access-logs';

const PROJECT = 'data-aggregator';

/** A physical name, unique in an account and region: `data-aggregator-<environment>-<name>`. */
export function physicalName(environment: string, name: string): string {
  return `${PROJECT}-${environment}-${name}`;
}

/** A bucket's name. It contains account and region, because bucket names are globally unique. */
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

/** A queue's URL, composed instead of looked up, because the queue may belong to another stack. */
export function queueUrl(name: string): string {
  return Fn.sub(`https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${name}`);
}

/** X-Ray's OTLP endpoint for spans. */
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

/** The SSM parameter with an id of the network component. AWS assigns these ids, so they cannot be derived like names. */
export function networkParameter(environment: string, id: string): string {
  return `/${PROJECT}/${environment}/network/${id}`;
}

/** An ARN in this account and region, such as `arn('sqs', name)`. */
export function arn(service: string, resource: string): string {
  return Fn.sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
}

export const account = Aws.ACCOUNT_ID;

/** `access-logs` → `AccessLogs`. Construct ids derive from names, never from an order, so that reordering replaces nothing. */
export function constructId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Namespace of the metrics that functions emit and of those that metric filters extract from their logs. */
export const METRIC_NAMESPACE = 'DataAggregator';

/** A metric that only Lambda's own log lines contain. */
export type LogMetric = 'Timeouts' | 'MaxMemoryUsedMB';

/**
 * The name of a metric extracted from a function's log. It contains environment and function, because a dimension must be
 * a field of the log line, and Lambda's own lines have no such field.
 */
export function logMetricName(environment: string, fn: string, metric: LogMetric): string {
  return `${environment}.${fn}.${metric}`;
}
