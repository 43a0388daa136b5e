import { Logger } from '@aws-lambda-powertools/logger';

/**
 * What is told of an event: ids, names, counts, durations, and `error` for what was caught. Never the content of an
 * object, and no credential. Five names belong to the line itself.
 */
export type Fields = Record<string, unknown> & {
  [reserved in 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp']?: never;
};

/**
 * A log of events, one a line: a stable name (`bundle.published`) that searches and alarms hold on to, and fields.
 * Logic takes this and nothing of the library behind it.
 */
export interface EventLog {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  /** Something was given up or put off, as designed for. */
  warn(event: string, fields?: Fields): void;
  /** Somebody should look. */
  error(event: string, fields?: Fields): void;
}

/** The log of a function, which knows whose invocation it is in. */
export interface FunctionLog extends EventLog {
  /** Puts the request id into every line from here on; call it first in each invocation. */
  enterInvocation(invocation: { awsRequestId: string }): void;
}

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
