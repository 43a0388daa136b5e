import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Environment } from '../environments/environment.ts';
import { tracesEndpoint } from '../conventions/names.ts';

/**
 * What tells a function where its spans go, and thereby that it is to make some: OpenTelemetry's own variable.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function traceVariables({ tracing }: Environment): Record<string, string> {
  return tracing ? { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint() } : {};
}

/**
 * X-Ray's endpoint for spans asks for the first, as does Lambda for its own segments, which also takes the second.
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
