import { Logger } from '@aws-lambda-powertools/logger';

/**
 * The fields of an event: ids, names, counts, durations, and `error` for a caught error. Never an object's content or a
 * credential. Five names are reserved for the log line itself.
 */
export type Fields = Record<string, unknown> & {
  [reserved in 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp']?: never;
};

/**
 * A log with one event per line: a stable name (`bundle.published`) for searches and alarms, and fields. Code depends on
 * this interface, not on the logging library.
 */
export interface EventLog {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  /** Something was abandoned or postponed, as designed. */
  warn(event: string, fields?: Fields): void;
  /** Somebody should investigate. */
  error(event: string, fields?: Fields): void;
}

/** The log of a function, which knows the current invocation. */
export interface FunctionLog extends EventLog {
  /** Adds the request id to every following line. Call it first in each invocation. */
  enterInvocation(invocation: { awsRequestId: string }): void;
}

/**
 * Logs to standard output as JSON lines, in which `message` is the event's name. `POWERTOOLS_LOG_LEVEL` or Lambda's logging
 * controls set the level; the default is INFO.
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
