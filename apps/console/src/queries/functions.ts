import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { logDocumentOf, STANDARD_LOG_FIELDS } from '@data-aggregator/operations/log-line';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { FunctionList, FunctionReport, LogEvent, LogPage } from '../api.ts';
import type { LogQuery } from '../server/backend.ts';
import { ConsoleError } from '../server/console-error.ts';
import { type Environment, logGroupName, physicalName } from './environment.ts';
import { lambdaMetric, readMetrics, sumOf } from './metrics.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PERIOD_SECONDS = 300;
const CONCURRENCY = 5;
/** Log lines of a page. */
const PAGE_LINES = 500;
/** REPORT lines that are read for the memory of a function. */
const REPORTS = 200;

/** All functions of the environment, in the last hour. Functions that are not deployed are left out. */
export async function readFunctions(environment: Environment): Promise<FunctionList> {
  const { functionNames, clock, cloudwatch } = environment;
  const now = clock.now();
  const end = Math.ceil(now / (PERIOD_SECONDS * 1000)) * PERIOD_SECONDS * 1000;
  const from = end - HOUR_MS;
  const times = Array.from(
    { length: HOUR_MS / 1000 / PERIOD_SECONDS },
    (_, n) => from + n * PERIOD_SECONDS * 1000,
  );
  const configurations = (
    await mapConcurrently(functionNames, CONCURRENCY, (name) => configurationOf(name, environment))
  ).flatMap((one) => one ?? []);
  const queries = configurations.flatMap(({ functionName }, n) => [
    lambdaMetric(`invocations${n}`, functionName, 'Invocations', 'Sum'),
    lambdaMetric(`errors${n}`, functionName, 'Errors', 'Sum'),
    lambdaMetric(`throttles${n}`, functionName, 'Throttles', 'Sum'),
    lambdaMetric(`total${n}`, functionName, 'Duration', 'Sum'),
    lambdaMetric(`p95${n}`, functionName, 'Duration', 'p95'),
    lambdaMetric(`max${n}`, functionName, 'Duration', 'Maximum'),
  ]);
  const values = await readMetrics(queries, { from, to: end, periodSeconds: PERIOD_SECONDS }, cloudwatch);
  const reports = await mapConcurrently(
    configurations.map((one, n) => ({ ...one, n })),
    CONCURRENCY,
    async ({ n, ...configuration }): Promise<FunctionReport> => {
      const of = (what: string) => values.get(`${what}${n}`);
      const invocations = sumOf(of('invocations'));
      const highest = (what: string) => Math.max(...(of(what)?.values() ?? []));
      const series = (what: string, missing: number | null) =>
        times.map((time) => of(what)?.get(time) ?? missing);
      const memory = invocations > 0 ? await maxMemory(configuration.name, environment, now) : undefined;
      return {
        ...configuration,
        invocations,
        errors: sumOf(of('errors')),
        throttles: sumOf(of('throttles')),
        ...(invocations > 0 && {
          averageMs: sumOf(of('total')) / invocations,
          // The highest p95 of five minutes: percentiles cannot be combined.
          p95Ms: highest('p95'),
          maxMs: highest('max'),
        }),
        ...(memory !== undefined && { maxMemoryMb: memory }),
        series: {
          invocations: series('invocations', 0),
          errors: series('errors', 0),
          maxMs: series('max', null),
        },
      };
    },
  );
  return { readAt: now, times, periodSeconds: PERIOD_SECONDS, functions: reports };
}

type Configuration = Pick<
  FunctionReport,
  'name' | 'functionName' | 'logGroup' | 'timeoutSeconds' | 'memoryMb'
>;

async function configurationOf(name: string, environment: Environment): Promise<Configuration | undefined> {
  const functionName = physicalName(environment, name);
  try {
    const { Timeout = 0, MemorySize = 0 } = await environment.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    const logGroup = logGroupName(environment, name);
    return { name, functionName, logGroup, timeoutSeconds: Timeout, memoryMb: MemorySize };
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** The largest memory in the newest reports of the last hour, in MB. */
async function maxMemory(name: string, environment: Environment, now: number): Promise<number | undefined> {
  const { events = [] } = await environment.logs.send(
    new FilterLogEventsCommand({
      logGroupName: logGroupName(environment, name),
      startTime: now - HOUR_MS,
      endTime: now + MINUTE_MS,
      // Lambda writes the word in its text and in its JSON format, each with another spelling of the rest.
      filterPattern: '?REPORT ?maxMemoryUsedMB',
      limit: REPORTS,
    }),
  );
  const used = events.flatMap(({ message = '' }) => {
    const [, text, json] = /Max Memory Used: (\d+) MB|"maxMemoryUsedMB":\s*(\d+)/.exec(message) ?? [];
    return text ?? json ?? [];
  });
  return used.length === 0 ? undefined : Math.max(...used.map(Number));
}

/**
 * Searches logs. A pattern is text that must occur in the line; one in braces is CloudWatch's own, for the fields of a line.
 *
 * @throws ConsoleError for an unknown function
 */
export async function readLogs(query: LogQuery, environment: Environment): Promise<LogPage> {
  const { functionNames } = environment;
  const name = query.function ?? 'aggregator';
  if (!functionNames.includes(name)) {
    throw new ConsoleError(
      'not-found',
      `There is no function ${name}. There are ${functionNames.join(', ')}.`,
    );
  }
  const { events, next } = await filterLog(name, filterPattern(query.pattern), query, environment);
  return { events, ...(next !== undefined && { next }) };
}

/** Text as a term; a pattern in braces as it is. */
export function filterPattern(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('{')) return trimmed;
  return `"${trimmed.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** One page of a function's log. The pattern is CloudWatch's. @param until the search ends after this time, and returns where to go on */
export async function filterLog(
  name: string,
  pattern: string,
  { from, to, after }: Pick<LogQuery, 'from' | 'to' | 'after'>,
  environment: Environment,
  limit = PAGE_LINES,
  until = Infinity,
): Promise<{ events: LogEvent[]; next: string | undefined }> {
  const events: LogEvent[] = [];
  let nextToken = after;
  // CloudWatch may return empty pages: it searches one part of a log after another.
  do {
    const page = await environment.logs
      .send(
        new FilterLogEventsCommand({
          logGroupName: logGroupName(environment, name),
          startTime: from,
          endTime: to,
          ...(pattern !== '' && { filterPattern: pattern }),
          ...(nextToken !== undefined && { nextToken }),
          limit: limit - events.length,
        }),
      )
      .catch((error: unknown) => {
        const { name: code, message } = error as Error;
        if (code === 'InvalidParameterException')
          throw new ConsoleError('invalid', message, { cause: error });
        // Without an invocation, Lambda has not created the group.
        if (code === 'ResourceNotFoundException') return { events: [], nextToken: undefined };
        throw error;
      });
    for (const { message = '', timestamp = 0 } of page.events ?? []) {
      events.push(logEventOf(message, timestamp, name));
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined && events.length < limit && environment.clock.now() < until);
  return { events, next: nextToken };
}

/** A line of a log: JSON of a function or of Lambda, or text. */
export function logEventOf(line: string, at: number, fn: string): LogEvent {
  const text = line.trimEnd();
  const document = logDocumentOf(text);
  if (!document) {
    const [, word] = /^(START|END|REPORT|INIT_START) /.exec(text) ?? [];
    const [, requestId] = /RequestId: ([\w-]+)/.exec(text) ?? [];
    const level = word ?? (text.startsWith('Invoke Error') ? 'ERROR' : 'INFO');
    return { at, level, message: text, fields: '', function: fn, ...(requestId && { requestId }) };
  }
  const rest = Object.entries(document).filter(([name]) => !STANDARD_LOG_FIELDS.has(name));
  const { message, level, type } = document;
  const requestId = document['requestId'] ?? document['function_request_id'];
  const isMetrics = '_aws' in document;
  return {
    at,
    level: isMetrics ? 'METRIC' : typeof level === 'string' ? level : 'INFO',
    message:
      typeof message === 'string'
        ? message
        : isMetrics
          ? 'metrics'
          : typeof type === 'string'
            ? type
            : JSON.stringify(message ?? ''),
    fields: rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest)),
    function: fn,
    ...(typeof requestId === 'string' && { requestId }),
  };
}
