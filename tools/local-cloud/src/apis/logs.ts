import * as v from 'valibot';
import { AlarmError } from '../alarms/alarm-error.ts';
import { logGroupArn, type Place } from '../assembly/identity.ts';
import type { FunctionModel } from '../assembly/model.ts';
import type { LogStore, StoredLine } from '../lambda/log-store.ts';
import { ApiError, operation, wholeNumber, type Api } from './api.ts';
import { parseLogPattern } from './log-pattern.ts';

const filtered = v.strictObject({
  logGroupName: v.optional(v.string()),
  /** A name, or an ARN with or without a trailing `:*`. */
  logGroupIdentifier: v.optional(v.string()),
  logStreamNames: v.optional(v.array(v.string())),
  logStreamNamePrefix: v.optional(v.string(), ''),
  startTime: v.optional(v.number(), 0),
  endTime: v.optional(v.number(), Infinity),
  filterPattern: v.optional(v.string(), ''),
  limit: v.optional(wholeNumber(1, 10_000), 10_000),
  nextToken: v.optional(v.string()),
  /** No effect since 2019, because events are always interleaved. */
  interleaved: v.optional(v.boolean()),
});
type Filtered = v.InferOutput<typeof filtered>;

/** Pages end at one megabyte, as in CloudWatch Logs. */
const maxPageBytes = 1024 * 1024;

/** CloudWatch Logs' FilterLogEvents for the functions' log groups. */
export function logsApi(functions: readonly FunctionModel[], logs: LogStore, place: Place): Api {
  function find(input: Filtered): object {
    const group = groupOf(input);
    const named = functions.filter(({ logGroup }) => logGroup === group);
    if (named.length === 0) {
      throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    const { startTime, endTime, logStreamNames, logStreamNamePrefix, limit } = input;
    const after = startOf(input.nextToken);
    const matches = patternOf(input.filterPattern);
    const events: object[] = [];
    let bytes = 0;
    let last: number | undefined;
    const lines = named.flatMap(({ name }) => logs.lines(name)).sort((a, b) => a.number - b.number);
    for (const line of lines) {
      const { number, time, logStream, text } = line;
      if (number <= after || time < startTime || time >= endTime) continue;
      if (!logStream.startsWith(logStreamNamePrefix) || logStreamNames?.includes(logStream) === false)
        continue;
      if (!matches(text)) continue;
      const size = Buffer.byteLength(text);
      if (last !== undefined && (events.length === limit || bytes + size > maxPageBytes)) {
        return { events, searchedLogStreams: [], nextToken: String(last) };
      }
      events.push(eventOf(line));
      bytes += size;
      last = number;
    }
    return { events, searchedLogStreams: [] };
  }

  const resources = (input: Filtered) => [logGroupArn(groupOf(input), place)];
  return {
    FilterLogEvents: operation(
      filtered,
      { action: 'logs:FilterLogEvents', invalid: 'InvalidParameterException', resources },
      find,
    ),
  };
}

function groupOf({ logGroupName, logGroupIdentifier }: Filtered): string {
  return logGroupName ?? logGroupIdentifier?.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, '') ?? '';
}

/** Number of the last line of the previous page. */
function startOf(token: string | undefined): number {
  const number = token === undefined ? -1 : Number(token);
  if (!Number.isSafeInteger(number)) {
    throw new ApiError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  return number;
}

function patternOf(text: string): (line: string) => boolean {
  try {
    return parseLogPattern(text);
  } catch (error) {
    if (error instanceof AlarmError) throw new ApiError('InvalidParameterException', error.message);
    throw error;
  }
}

function eventOf({ number, time, logStream, text }: StoredLine): object {
  return {
    logStreamName: logStream,
    timestamp: time,
    message: text,
    ingestionTime: time,
    eventId: String(number).padStart(56, '0'),
  };
}
