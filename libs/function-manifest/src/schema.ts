import * as v from 'valibot';
import { parseSchedule, ScheduleError } from './schedule-expression.ts';

/**
 * `function.json`: everything that is visible of a function from outside. Infrastructure, the embedded cloud and the Nx
 * plugin read only this file and the built artifact.
 *
 * `function.schema.json` is generated from this file, so that editors can complete and validate manifests.
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

/** How a bucket's notifications reach a function's queue: directly, through an SNS topic, or through EventBridge. */
export const notifiers = ['s3', 'sns', 'event-bridge'] as const;

/** The settings of any event source mapping on a queue. The queue's own settings are derived from them. */
const queueSettings = {
  /** Maximum messages per invocation; more than 10 requires a window. */
  batchSize: v.optional(integer(1, 10_000), 10),
  /** Seconds that the mapping collects messages before it invokes the function. */
  batchWindowSeconds: v.optional(integer(0, 300), 0),
  /** Maximum concurrent invocations: the mapping's MaximumConcurrency. */
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
    notifiedBy: v.optional(v.picklist(notifiers), 's3'),
    ...queueSettings,
  }),
  v.strictObject({ type: v.literal('sqs'), ...queueSettings }),
  v.strictObject({
    type: v.literal('schedule'),
    /** In EventBridge's notation: `rate(5 minutes)` or `cron(0 3 * * ? *)`. */
    expression: v.pipe(
      v.string(),
      v.regex(/^(rate|cron)\(.+\)$/, 'an expression is rate(…) or cron(…)'),
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

/** What a function may do with a bucket. Each verb is one S3 action, on objects below `prefix` if one is given. */
export const bucketVerbs = [
  'read',
  'read-version',
  'list',
  'list-versions',
  'write',
  'abort-upload',
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
    /** The function that owns the queue; this function by default. */
    of: v.optional(name),
    may: v.pipe(v.array(v.picklist(queueVerbs)), v.minLength(1)),
  }),
]);

/** Thresholds of the alarms that every function has. They can be changed, but no alarm can be removed. */
const alarms = v.strictObject({
  /** Failed invocations in five minutes. */
  errors: v.optional(integer(1, 10_000), 1),
  /** Throttled invocations in five minutes. */
  throttles: v.optional(integer(1, 10_000), 1),
  /** Duration that counts as near the timeout, in percent of it. */
  durationPercent: v.optional(integer(1, 100), 80),
  /** Used memory that counts as near the limit, in percent of it. */
  memoryPercent: v.optional(integer(1, 100), 85),
  /** Age of the oldest message in its queue, in seconds. */
  oldestMessageSeconds: v.optional(integer(1, 1_209_600), 600),
});

export const functionManifestSchema = v.strictObject({
  $schema: v.optional(v.string()),
  name,
  description: v.pipe(v.string(), v.minLength(1)),
  trigger,
  memoryMb: v.optional(integer(128, 10_240), 512),
  timeoutSeconds: v.optional(integer(1, 900), 60),
  /** Size of /tmp; AWS bills what exceeds 512 MB. */
  ephemeralStorageMb: v.optional(integer(512, 10_240), 512),
  /**
   * Environment variables. `${landing.name}`, `${ledger.name}`, `${queue.url}`, `${dead-letters.url}`,
   * `${queue.url:aggregator}` (another function's) and `${claims.retention-days}` are replaced by the stack's values.
   */
  environment: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/)), v.string()), {}),
  access: v.optional(v.array(access), []),
  alarms: v.optional(alarms, {}),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  /** Maximum size of the built artifact, in KB (1,000 bytes). */
  sizeBudgetKb: v.optional(integer(1, 50_000), 600),
});

/** A parsed manifest, with defaults. */
export type FunctionManifest = v.InferOutput<typeof functionManifestSchema>;
/** A manifest as written in a file. */
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
