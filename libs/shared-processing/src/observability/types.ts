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

/** Measurements of an invocation. */
export interface Metrics {
  /** Adds to a count. A count of 0 is told too: it says that nothing happened, where silence says nothing. */
  count(name: string, n: number): void;
  /** One measured duration, in seconds; each counts by itself, so that percentiles can be asked for. */
  seconds(name: string, seconds: number): void;
}

/** The metrics of a function. */
export interface FunctionMetrics extends Metrics {
  /** Hands over what was measured; call it once, at the end of each invocation, also of a failed one. */
  flush(): void;
}
