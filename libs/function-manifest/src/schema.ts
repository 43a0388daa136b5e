import * as v from 'valibot';
import { parseSchedule, ScheduleError } from './schedule-expression.ts';

/**
 * `function.json`: everything the outside may know of a function. Infrastructure, the embedded cloud and the Nx
 * plugin read it, and nothing else of the function but its artifact.
 *
 * `function.schema.json` beside this library is made from this file, so that editors complete and check manifests.
 */

const name = v.pipe(
  v.string(),
  v.regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'a name is lower-case words joined by hyphens, such as "thumbnailer"',
  ),
  v.maxLength(40, 'a name has at most 40 characters'),
);

const integer = (from: number, to: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to));

export const bucketNames = ['landing', 'distribution', 'archive'] as const;
const bucket = v.picklist(bucketNames);

/** The settings that any event source mapping on a queue has; the queue's own are derived from them. */
const queueSettings = {
  /** Messages an invocation takes at most; more than 10 needs a window. */
  batchSize: v.optional(integer(1, 10_000), 10),
  /** Seconds the mapping gathers messages before it invokes. */
  batchWindowSeconds: v.optional(integer(0, 300), 0),
  /** Invocations at once, at most: the mapping's MaximumConcurrency. */
  maxConcurrency: v.optional(integer(2, 1000), 10),
  /** Receives before a message goes to the dead-letter queue. */
  maxReceiveCount: v.optional(integer(5, 1000), 5),
  /**
   * Seconds that a received message stays hidden after the batch window and the function's timeout: longer than the claims of an
   * invocation that was killed.
   */
  graceSeconds: v.optional(integer(0, 900), 60),
};

const trigger = v.variant('type', [
  v.strictObject({
    type: v.literal('s3-sqs'),
    bucket,
    prefix: v.optional(v.string()),
    suffix: v.optional(v.string()),
    ...queueSettings,
  }),
  v.strictObject({ type: v.literal('sqs'), ...queueSettings }),
  v.strictObject({
    type: v.literal('schedule'),
    /** As EventBridge writes it: `rate(5 minutes)` or `cron(0 3 * * ? *)`. */
    expression: v.pipe(
      v.string(),
      v.regex(/^(rate|cron)\(.+\)$/, 'an expression reads rate(…) or cron(…)'),
      v.rawCheck(({ dataset, addIssue }) => {
        const problem = dataset.typed ? scheduleProblem(dataset.value) : undefined;
        if (problem !== undefined) addIssue({ message: problem });
      }),
    ),
  }),
  v.strictObject({ type: v.literal('event-bridge'), pattern: v.record(v.string(), v.unknown()) }),
  v.strictObject({ type: v.literal('function-url'), auth: v.optional(v.picklist(['iam', 'none']), 'iam') }),
  v.strictObject({ type: v.literal('request') }),
]);

/** What a function may do with a bucket; each verb is one S3 action, on objects below `prefix` where one is given. */
export const bucketVerbs = [
  'read',
  'read-version',
  'list',
  'list-versions',
  'write',
  'delete',
  'restore',
] as const;
/** What a function may do with the ledger table; each verb is one DynamoDB action. */
export const tableVerbs = ['get', 'put', 'update', 'delete'] as const;
/** What a function may do with a queue. `queue` is the function's own source queue. */
export const queueVerbs = ['send', 'receive', 'change-visibility'] as const;

const access = v.variant('resource', [
  v.strictObject({
    resource: bucket,
    may: v.pipe(v.array(v.picklist(bucketVerbs)), v.minLength(1)),
    prefix: v.optional(v.string()),
  }),
  v.strictObject({
    resource: v.literal('ledger'),
    may: v.pipe(v.array(v.picklist(tableVerbs)), v.minLength(1)),
  }),
  v.strictObject({
    resource: v.picklist(['queue', 'dead-letters']),
    /** The function whose queue is meant; this one's, where it says nothing. */
    of: v.optional(name),
    may: v.pipe(v.array(v.picklist(queueVerbs)), v.minLength(1)),
  }),
]);

/** Thresholds of the alarms that every function has; each can be moved, none can be left out. */
const alarms = v.strictObject({
  /** Failed invocations in five minutes. */
  errors: v.optional(integer(1, 10_000), 1),
  /** Throttled invocations in five minutes. */
  throttles: v.optional(integer(1, 10_000), 1),
  /** Duration that counts as near the timeout, in per cent of it. */
  durationPercent: v.optional(integer(1, 100), 80),
  /** Memory used that counts as near the limit, in per cent of it. */
  memoryPercent: v.optional(integer(1, 100), 85),
  /** Age of the oldest message of its queue, in seconds. */
  oldestMessageSeconds: v.optional(integer(1, 1_209_600), 600),
});

export const functionManifestSchema = v.strictObject({
  $schema: v.optional(v.string()),
  name,
  description: v.pipe(v.string(), v.minLength(1)),
  trigger,
  memoryMb: v.optional(integer(128, 10_240), 512),
  timeoutSeconds: v.optional(integer(1, 900), 60),
  /** Size of /tmp; what exceeds 512 MB is billed. */
  ephemeralStorageMb: v.optional(integer(512, 10_240), 512),
  /**
   * Environment variables. `${landing.name}`, `${ledger.name}`, `${queue.url}`, `${dead-letters.url}`,
   * `${queue.url:aggregator}` (another function's) and `${claims.retention-days}` stand for what the stack provides.
   */
  environment: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/)), v.string()), {}),
  access: v.optional(v.array(access), []),
  alarms: v.optional(alarms, {}),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  /** Largest artifact that a build lets pass, in KB (1,000 bytes). */
  sizeBudgetKb: v.optional(integer(1, 50_000), 600),
});

/** A manifest with its defaults filled in. */
export type FunctionManifest = v.InferOutput<typeof functionManifestSchema>;
/** A manifest as it is written in a file. */
export type FunctionManifestInput = v.InferInput<typeof functionManifestSchema>;
export type Trigger = FunctionManifest['trigger'];
export type QueueTrigger = Extract<Trigger, { type: 's3-sqs' | 'sqs' }>;
export type Access = FunctionManifest['access'][number];

/** Why EventBridge would reject a schedule expression; undefined if it accepts it. */
function scheduleProblem(expression: string): string | undefined {
  try {
    parseSchedule(expression);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
