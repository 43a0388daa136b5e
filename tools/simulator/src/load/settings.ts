import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assumptions } from '@data-aggregator/cost-model';
import {
  type CapacityDesign,
  type CapacitySettings,
  carefulTimes,
  designWith,
  limits,
  type Load,
  settingsFor,
} from '@data-aggregator/cost-model/capacity';
import { hasQueue, parseFunctionManifest } from '@data-aggregator/function-manifest';
import { Failure } from '@data-aggregator/pipeline-client';

/** The settings of a deployment, and what others have prepared for it. */
export interface LoadSettings extends CapacityDesign {
  memoryMb: number;
  /** Seconds that claims outlive an invocation's deadline. */
  claimGraceSeconds: number;
  visibilitySeconds: number;
  maxReceiveCount: number;
  /** Quotas of the account. */
  accountConcurrency: number;
  tableWrites: number;
}

/** How long things take, in ms; services vary around the average. AWS publishes no figures but for notifications ("typically seconds"). */
export interface Times {
  /** To the first byte of a GET, and of any request without a body. */
  getMs: number;
  putMs: number;
  ledgerMs: number;
  /** A receive of ten messages. */
  receiveMs: number;
  deleteMs: number;
  /** From landing to the queue: usually, and for one file in a thousand at most. */
  notificationMs: number;
  latestNotificationMs: number;
  /** CPU time of a file in a function with this memory, and of an invocation. */
  msPerFile: number;
  msPerInvocation: number;
  coldStartMs: number;
}

/** As docs/performance.md and `infra:capacity` assume them. */
export const awsTimes: Times = {
  getMs: 25,
  putMs: 60,
  ledgerMs: 5,
  receiveMs: 10,
  deleteMs: 10,
  notificationMs: 500,
  latestNotificationMs: 60_000,
  msPerFile: carefulTimes.msPerFile,
  msPerInvocation: carefulTimes.msPerInvocation,
  coldStartMs: 500,
};

const WORKSPACE = join(import.meta.dirname, '../../../..');

/** The settings that are deployed without an environment's: those of `apps/aggregator/function.json`. */
export function deployedSettings(): LoadSettings {
  const file = join(WORKSPACE, 'apps/aggregator/function.json');
  const { trigger, timeoutSeconds, memoryMb, environment } = parseFunctionManifest(
    readFileSync(file, 'utf8'),
    file,
  );
  if (!hasQueue(trigger)) throw new Failure(`${file} has no queue.`);
  const { batchSize, batchWindowSeconds, maxConcurrency, maxReceiveCount, graceSeconds } = trigger;
  return {
    ...{ batchSize, batchWindowSeconds, maxConcurrency, maxReceiveCount, timeoutSeconds, memoryMb },
    claimGraceSeconds: Number(environment['CLAIM_GRACE_SECONDS']),
    visibilitySeconds: batchWindowSeconds + timeoutSeconds + graceSeconds,
    queues: 1,
    landingPrefixes: 1,
    warmWrites: limits.ledgerWarmWrites.value,
    tableWrites: limits.ledgerTableWrites.value,
    accountConcurrency: limits.accountConcurrency.value,
  };
}

/** The settings that `infra:capacity` chooses for a load. @throws CapacityError */
export function fittingSettings(load: Load): LoadSettings {
  const deployed = deployedSettings();
  const chosen = settingsFor(load, deployed, { ...assumptions, ...carefulTimes });
  return withCapacity(deployed, designWith(deployed, chosen), chosen);
}

/** The parts of an environment's file that matter here. */
interface EnvironmentModule {
  environment?: {
    ledger: { warmWritesPerSecond: number | undefined };
    everyFunction: Partial<LoadSettings>;
    functions: Partial<Record<string, Partial<LoadSettings> & { environment?: Record<string, string> }>>;
  };
  alsoNeeded?: Partial<CapacitySettings>;
}

/**
 * The settings of an environment, such as `infra:capacity --apply` writes it.
 *
 * @throws Failure if the file is no environment
 */
export async function environmentSettings(file: string): Promise<LoadSettings> {
  const { environment, alsoNeeded = {} } = await importEnvironment(file);
  if (!environment) throw new Failure(`${file} exports no "environment".`);
  const deployed = deployedSettings();
  const own = { ...environment.everyFunction, ...environment.functions['aggregator'] };
  const { batchSize, batchWindowSeconds, maxConcurrency, timeoutSeconds, memoryMb } = { ...deployed, ...own };
  const { queues, landingPrefixes, warmWrites } = deployed;
  const grace = deployed.visibilitySeconds - deployed.batchWindowSeconds - deployed.timeoutSeconds;
  const design = {
    ...{ batchSize, batchWindowSeconds, maxConcurrency, timeoutSeconds },
    queues: alsoNeeded.queues ?? queues,
    landingPrefixes: alsoNeeded.landingPrefixes ?? landingPrefixes,
    warmWrites: environment.ledger.warmWritesPerSecond ?? warmWrites,
  };
  const visibilitySeconds = batchWindowSeconds + timeoutSeconds + grace;
  return withCapacity({ ...deployed, memoryMb, visibilitySeconds }, design, alsoNeeded);
}

async function importEnvironment(file: string): Promise<EnvironmentModule> {
  try {
    return (await import(pathToFileURL(file).href)) as EnvironmentModule;
  } catch (cause) {
    throw new Failure(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function withCapacity(
  deployed: LoadSettings,
  design: CapacityDesign,
  { accountConcurrency, tableWriteQuota }: Partial<CapacitySettings>,
): LoadSettings {
  return {
    ...deployed,
    ...design,
    accountConcurrency: accountConcurrency ?? deployed.accountConcurrency,
    tableWrites: tableWriteQuota ?? deployed.tableWrites,
  };
}
