import {
  bucketNames,
  type FunctionManifestInput,
  FunctionManifestError,
  notifiers,
  parseFunctionManifest,
} from '@data-aggregator/function-manifest';
import { UsageError } from '../../commands/command.ts';

/** Options of the `lambda` generator; see schema.json. */
export interface LambdaOptions {
  name: string;
  trigger: TriggerType;
  description?: string;
  /** MB. */
  memory?: number;
  /** Seconds. */
  timeout?: number;
  reads?: string[];
  writes?: string[];
  tags?: string[];
  bucket?: string;
  notifiedBy?: string;
  schedule?: string;
  pattern?: string;
  auth?: string;
}

type TriggerInput = FunctionManifestInput['trigger'];
export type TriggerType = TriggerInput['type'];
type Access = NonNullable<FunctionManifestInput['access']>[number];
type Bucket = (typeof bucketNames)[number];
/** How a bucket's notifications reach a function's queue. */
export type Notifier = (typeof notifiers)[number];

/** Options that need a certain trigger. */
const REQUIRED_TRIGGERS = {
  bucket: 's3-sqs',
  notifiedBy: 's3-sqs',
  schedule: 'schedule',
  pattern: 'event-bridge',
  auth: 'function-url',
} as const;

/**
 * The manifest for the options.
 *
 * @throws UsageError if they contradict each other or name something that does not exist
 */
export function manifestFrom(options: LambdaOptions): FunctionManifestInput {
  for (const [option, trigger] of Object.entries(REQUIRED_TRIGGERS)) {
    if (options[option as keyof typeof REQUIRED_TRIGGERS] !== undefined && options.trigger !== trigger) {
      throw new UsageError(`--${option} requires --trigger=${trigger}; the trigger is ${options.trigger}.`);
    }
  }
  const reads = buckets('reads', options.reads);
  const writes = buckets('writes', options.writes);
  const trigger = triggerFrom(options);
  if (trigger.type === 's3-sqs' && writes.includes(trigger.bucket)) {
    throw new UsageError(
      `A function that ${trigger.bucket} invokes must not write to ${trigger.bucket}: it would invoke itself forever.`,
    );
  }
  const manifest: FunctionManifestInput = {
    $schema: '../../libs/function-manifest/function.schema.json',
    name: options.name,
    description: options.description ?? `The ${options.name} function.`,
    trigger,
    memoryMb: options.memory ?? 512,
    timeoutSeconds: options.timeout ?? 60,
    environment: environmentOf(trigger, new Set([...reads, ...writes])),
    access: accessOf(trigger, reads, writes),
    ...(options.tags && options.tags.length > 0 && { tags: tagsFrom(options.tags) }),
  };
  check(manifest);
  return manifest;
}

function triggerFrom(options: LambdaOptions): TriggerInput {
  const type = options.trigger;
  switch (type) {
    case 's3-sqs': {
      const [bucket = 'landing'] = buckets('bucket', options.bucket === undefined ? [] : [options.bucket]);
      return {
        ...{ type, bucket },
        ...(options.notifiedBy !== undefined && { notifiedBy: notifierFrom(options.notifiedBy) }),
      };
    }
    case 'schedule':
      return { type, expression: options.schedule ?? 'rate(1 hour)' };
    case 'event-bridge':
      return { type, pattern: patternFrom(options.pattern ?? '{"source":["data-aggregator"]}') };
    case 'function-url': {
      const auth = options.auth ?? 'iam';
      if (auth !== 'iam' && auth !== 'none')
        throw new UsageError(`--auth must be iam or none, not "${auth}".`);
      return { type, auth };
    }
    case 'sqs':
    case 'request':
      return { type };
  }
}

function notifierFrom(name: string): Notifier {
  const notifier = notifiers.find((known) => known === name);
  if (notifier === undefined) {
    throw new UsageError(`--notifiedBy must be ${notifiers.join(', ')}, not "${name}".`);
  }
  return notifier;
}

function patternFrom(text: string): Record<string, unknown> {
  const sentence = `--pattern must be an event pattern as JSON, such as {"source":["my.app"]}, not ${text}`;
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${sentence}.`, { cause });
  }
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new UsageError(`${sentence}.`);
  }
  return pattern as Record<string, unknown>;
}

function buckets(option: string, names: string[] = []): Bucket[] {
  return names.map((name) => {
    const bucket = bucketNames.find((known) => known === name);
    if (bucket === undefined) {
      throw new UsageError(`--${option}: there is no bucket "${name}", only ${bucketNames.join(', ')}.`);
    }
    return bucket;
  });
}

function tagsFrom(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined) {
        throw new UsageError(`--tags must be key=value, not "${pair}".`);
      }
      return [key, value];
    }),
  );
}

function environmentOf(trigger: TriggerInput, touched: ReadonlySet<Bucket>): Record<string, string> {
  return {
    ...Object.fromEntries(
      [...touched].map((bucket) => [`${bucket.toUpperCase()}_BUCKET`, `\${${bucket}.name}`]),
    ),
    LEDGER_TABLE: '${ledger.name}',
    CLAIM_RETENTION_DAYS: '${claims.retention-days}',
    ...(isQueue(trigger) && { DEAD_LETTER_QUEUE_URL: '${dead-letters.url}' }),
  };
}

const deadLetters: Access = { resource: 'dead-letters', may: ['send'] };

/** The minimum access for the generated handler and the options. */
function accessOf(trigger: TriggerInput, reads: readonly Bucket[], writes: readonly Bucket[]): Access[] {
  return [
    ...bucketNames.flatMap((resource) => {
      const may = [
        ...(reads.includes(resource) ? (['read', 'read-version'] as const) : []),
        ...(writes.includes(resource) ? (['write'] as const) : []),
      ];
      return may.length > 0 ? [{ resource, may }] : [];
    }),
    { resource: 'ledger', may: ['get', 'put', 'delete'] },
    ...(isQueue(trigger) ? [deadLetters] : []),
  ];
}

/** Whether a function with this trigger has its own queue. */
export function isQueue({ type }: TriggerInput): boolean {
  return type === 's3-sqs' || type === 'sqs';
}

/** Validates names and numbers by the manifest's schema. */
function check(manifest: FunctionManifestInput): void {
  try {
    parseFunctionManifest(JSON.stringify(manifest), 'the function');
  } catch (error) {
    if (!(error instanceof FunctionManifestError)) throw error;
    throw new UsageError(`${error.message.replace(/^the function: /, '')}.`, { cause: error });
  }
}
