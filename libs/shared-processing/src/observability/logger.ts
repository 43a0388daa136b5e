import { Logger } from '@aws-lambda-powertools/logger';
import type { Fields, FunctionLog } from './types.ts';

/**
 * A log on the function's output: JSON lines, in which `message` is the event's name. The level is set from outside,
 * by `POWERTOOLS_LOG_LEVEL` or Lambda's own logging controls; it is INFO unless it is set.
 *
 * @param service the function's name
 */
export function createLogger(service: string): FunctionLog {
  const logger = new Logger({ serviceName: service });
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: Fields = {}) =>
      logger[level](event, fields);
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    enterInvocation: ({ awsRequestId }) => logger.appendKeys({ requestId: awsRequestId }),
  };
}
