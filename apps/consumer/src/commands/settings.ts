import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { BUNDLE_PREFIX, isConsumedKey, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import {
  bucketName,
  bytes,
  ConfigError,
  int,
  oneOf,
  optional,
  readConfig,
  seconds,
  text,
  url,
  withDefault,
} from '@data-aggregator/shared-processing/config';
import { receiptLayouts } from '@data-aggregator/shared-processing/receipt';
import { UsageError } from './exit.ts';

type Environment = Record<string, string | undefined>;

/** Options of the command line; each replaces a variable. */
export interface Flags {
  to?: string;
  layout?: string;
  exec?: string;
  parallel?: string;
  metricsPort?: string;
}

const DAY = 86_400;

/** Everything that can be configured; docs/consumer.md explains it. */
export const variables = {
  TO: text('the path of the target folder: set --to'),
  DISTRIBUTION_BUCKET: bucketName(),
  ARCHIVE_BUCKET: bucketName(),
  AWS_REGION: text('an AWS region, such as eu-central-1'),
  READY_QUEUE_URL: optional(url()),
  PREFIXES: withDefault(text('prefixes, separated by commas'), `${BUNDLE_PREFIX},${REPLAY_PREFIX}`),
  LAYOUT: withDefault(oneOf(...receiptLayouts), 'bundle'),
  EXEC: optional(text('a command')),
  EXEC_TIMEOUT_SECONDS: withDefault(seconds({ min: 1, max: DAY }), '600'),
  PARALLEL: withDefault(int({ min: 1, max: 64 }), '4'),
  RESERVE_BYTES: withDefault(bytes({ min: 0, max: 1024 ** 5 }), '64MiB'),
  LIST_EVERY_SECONDS: optional(seconds({ min: 1, max: DAY })),
  LOST_AFTER_SECONDS: withDefault(seconds({ min: 0, max: 7 * DAY }), '900'),
  METRICS_PORT: optional(int({ min: 0, max: 65_535 })),
  ROLE_ARN: optional(text('the ARN of a role')),
  EXTERNAL_ID: optional(text('an external id')),
};

const LIST_EVERY_SECONDS = { withQueue: 300, alone: 30 };

export type Settings = ReturnType<typeof readSettings>;

/**
 * Adds the variables of a file to the environment, where they do not replace others.
 *
 * @param env `process.env`, which is changed: the AWS SDK reads it too
 * @throws UsageError if the file cannot be read
 */
export function loadEnvFile(path: string, env: Environment): void {
  let content: Environment;
  try {
    // Editors on Windows begin a file with a byte order mark.
    content = parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${(cause as Error).message}.`, undefined, { cause });
  }
  for (const [name, value] of Object.entries(content)) env[name] ??= value;
}

/** @throws UsageError that names every missing or invalid variable */
export function readSettings(flags: Flags, env: Environment) {
  const given: Environment = {
    ...env,
    TO: flags.to ?? env['TO'],
    LAYOUT: flags.layout ?? env['LAYOUT'],
    EXEC: flags.exec ?? env['EXEC'],
    PARALLEL: flags.parallel ?? env['PARALLEL'],
    METRICS_PORT: flags.metricsPort ?? env['METRICS_PORT'],
    AWS_REGION: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
  };
  let found;
  try {
    found = readConfig(variables, given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(`The configuration is wrong: ${error.message}.`, undefined, { cause: error });
  }
  const queueUrl = found.READY_QUEUE_URL;
  const listEvery =
    found.LIST_EVERY_SECONDS ??
    (queueUrl === undefined ? LIST_EVERY_SECONDS.alone : LIST_EVERY_SECONDS.withQueue);
  return {
    to: found.TO,
    distribution: found.DISTRIBUTION_BUCKET,
    archive: found.ARCHIVE_BUCKET,
    region: found.AWS_REGION,
    queueUrl,
    prefixes: prefixesOf(found.PREFIXES),
    layout: found.LAYOUT,
    exec: found.EXEC,
    execTimeoutMs: found.EXEC_TIMEOUT_SECONDS * 1000,
    parallel: found.PARALLEL,
    reserveBytes: found.RESERVE_BYTES,
    listEveryMs: listEvery * 1000,
    lostAfterMs: found.LOST_AFTER_SECONDS * 1000,
    metricsPort: found.METRICS_PORT,
    roleArn: found.ROLE_ARN,
    externalId: found.EXTERNAL_ID,
  };
}

function prefixesOf(list: string): [string, ...string[]] {
  const [first, ...others] = list
    .split(',')
    .map((prefix) => prefix.trim())
    .filter((prefix) => prefix !== '');
  if (first === undefined || ![first, ...others].every(isConsumedKey)) {
    throw new UsageError(`PREFIXES is "${list}": each must begin with ${BUNDLE_PREFIX} or ${REPLAY_PREFIX}.`);
  }
  return [first, ...others];
}
