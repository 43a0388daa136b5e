import { type KeyValue, keyValues } from './otlp.ts';

const MiB = 1024 ** 2;

/**
 * What all spans of a function are of. The service is the function under its full name, which tells environments apart.
 *
 * @param env as Lambda sets it
 * @see https://opentelemetry.io/docs/specs/semconv/resource/faas/
 */
export function resourceAttributes(env: NodeJS.ProcessEnv): KeyValue[] {
  const name = env['AWS_LAMBDA_FUNCTION_NAME'];
  const logGroup = env['AWS_LAMBDA_LOG_GROUP_NAME'];
  return [
    ...keyValues({
      'service.name': name ?? 'unknown_service',
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': env['AWS_REGION'],
      'faas.name': name,
      'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
      'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
      'faas.max_memory': Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0) * MiB || undefined,
    }),
    // By it CloudWatch shows the log beside the trace.
    {
      key: 'aws.log.group.names',
      value: { arrayValue: { values: logGroup === undefined ? [] : [{ stringValue: logGroup }] } },
    },
  ];
}
