import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  bucketName,
  ConfigError,
  int,
  readConfig,
  text,
  url,
} from '@data-aggregator/shared-processing/config';
import { exit, OpsError } from '../errors/index.ts';

/** The physical names of an environment's resources. */
export interface Resources {
  buckets: { landing: string; distribution: string; archive: string };
  ledger: string;
  /** The aggregator's queue. It forwards what is too large for a batch. */
  queueUrl: string;
  /** The dead-letter queues of the bundling functions. */
  deadLettersUrls: string[];
  claimRetentionMs: number;
  functions: { reconciler: string; replayer: string };
}

const MS_PER_DAY = 86_400_000;

/** The aggregator's settings that name resources. */
const settings = {
  LANDING_BUCKET: bucketName(),
  DISTRIBUTION_BUCKET: bucketName(),
  ARCHIVE_BUCKET: bucketName(),
  LEDGER_TABLE: text('the name of the ledger table'),
  QUEUE_URL: url(),
  DEAD_LETTER_QUEUE_URL: url(),
  CLAIM_RETENTION_DAYS: int({ min: 1, max: 365 }),
};

const largeObjectsSettings = { DEAD_LETTER_QUEUE_URL: url() };

/** The physical name of a function. */
export function functionName(environment: string, name: string): string {
  return `data-aggregator-${environment}-${name}`;
}

/**
 * Finds an environment's resources in the settings of its aggregator, which name them all.
 *
 * @throws OpsError if there is no such environment
 */
export async function findResources(environment: string, lambda: LambdaClient): Promise<Resources> {
  const aggregator = functionName(environment, 'aggregator');
  const largeObjects = functionName(environment, 'large-objects');
  // An environment can do without large-objects: the aggregator then bundles large objects itself.
  const [variables, largeVariables] = await Promise.all([
    variablesOf(aggregator, lambda),
    variablesOf(largeObjects, lambda),
  ]);
  if (!variables) {
    throw new OpsError(`There is no function ${aggregator}. Is "${environment}" deployed?`, exit.usage);
  }
  try {
    const found = readConfig(settings, variables);
    const large = largeVariables && readConfig(largeObjectsSettings, largeVariables);
    return {
      buckets: {
        landing: found.LANDING_BUCKET,
        distribution: found.DISTRIBUTION_BUCKET,
        archive: found.ARCHIVE_BUCKET,
      },
      ledger: found.LEDGER_TABLE,
      queueUrl: found.QUEUE_URL,
      deadLettersUrls: [found.DEAD_LETTER_QUEUE_URL, ...(large ? [large.DEAD_LETTER_QUEUE_URL] : [])],
      claimRetentionMs: found.CLAIM_RETENTION_DAYS * MS_PER_DAY,
      functions: {
        reconciler: functionName(environment, 'reconciler'),
        replayer: functionName(environment, 'replayer'),
      },
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new OpsError(
      `The settings of ${aggregator} or ${largeObjects} are invalid: ${error.message}.`,
      exit.failure,
      {
        cause: error,
      },
    );
  }
}

/** The environment variables of a function; undefined if there is no such function. @throws OpsError */
async function variablesOf(
  name: string,
  lambda: LambdaClient,
): Promise<Record<string, string | undefined> | undefined> {
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    const { Environment } = await lambda.send(command);
    return Environment?.Variables ?? {};
  } catch (error) {
    const { name: code, message } = error as Error;
    if (code === 'ResourceNotFoundException') return undefined;
    throw new OpsError(`The settings of ${name} cannot be read: ${message}`, exit.failure, { cause: error });
  }
}
