import { type KeyValue, keyValues } from './otlp.ts';

const MiB = 1024 ** 2;

/**
 * The attributes that all spans of a function share. The service is the function's full name, which contains the environment.
 *
 * @param env the environment variables that Lambda sets
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
    // CloudWatch uses it to show the log next to the trace.
    {
      key: 'aws.log.group.names',
      value: { arrayValue: { values: logGroup === undefined ? [] : [{ stringValue: logGroup }] } },
    },
  ];
}
