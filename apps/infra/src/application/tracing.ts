import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Environment } from '../environments/environment.ts';
import { tracesEndpoint } from '../conventions/names.ts';

/**
 * OpenTelemetry's variable for the endpoint of spans. A function creates spans only if it is set.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function traceVariables({ tracing }: Environment): Record<string, string> {
  return tracing ? { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint() } : {};
}

/**
 * The OTLP endpoint of X-Ray requires the first action. Lambda needs both for its own segments.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLP-UsingADOT.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
export function traceStatement(): PolicyStatement {
  return new PolicyStatement({
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
  });
}
