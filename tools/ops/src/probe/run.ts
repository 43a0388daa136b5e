import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientAccess } from '@data-aggregator/shared-processing/aws-http';
import { createLedgerTable } from '@data-aggregator/shared-processing/ledger';
import {
  createMultipartStore,
  createObjectStore,
  createS3Client,
} from '@data-aggregator/shared-processing/s3';
import { exit, OpsError } from '@data-aggregator/operations/errors';
import type { Assumption, Observation, Pace, Probe } from './assumption.ts';
import { createHeldPuts } from './held-put.ts';
import {
  createScratch,
  type Leftover,
  removeScratch,
  type ScratchClients,
  type ScratchNames,
} from './scratch.ts';

/** The result of one check. */
export interface Finding extends Observation {
  name: string;
  assumption: string;
  source: string;
}

export interface ProbeRun {
  findings: Finding[];
  /** Whether Ctrl-C ended it before the last check. */
  interrupted: boolean;
  leftovers: Leftover[];
}

const MAX_SOCKETS = 64;

/** Clients with the environment's endpoint, region and credentials. */
export function createClients(): ScratchClients {
  return {
    s3: createS3Client({ maxSockets: MAX_SOCKETS, stalledAfterMs: 60_000 }),
    sqs: new SQSClient({}),
    dynamo: new DynamoDBClient({}),
  };
}

/**
 * Runs the checks one after another in scratch resources of their own, and removes these whatever happens.
 *
 * @throws OpsError if the resources could not be created, after the removal
 */
export async function runProbe(
  assumptions: readonly Assumption[],
  names: ScratchNames,
  clients: ScratchClients,
  { pace, signal, note }: { pace: Pace; signal: AbortSignal; note: (sentence: string) => void },
): Promise<ProbeRun> {
  const findings: Finding[] = [];
  let failure: { error: unknown } | undefined;
  try {
    const queueUrls = await createScratch(names, clients, note);
    const probe = connect(names, queueUrls, clients, pace, signal);
    for (const assumption of assumptions) {
      signal.throwIfAborted();
      const finding = await examine(assumption, probe, signal);
      findings.push(finding);
      note(`${finding.name}: ${finding.outcome}`);
    }
  } catch (error) {
    if (!signal.aborted) failure = { error };
  }
  note('Removing the scratch resources…');
  const leftovers = await removeScratch(names, clients);
  for (const { resource, why } of leftovers) note(`Could not remove ${resource}: ${why}`);
  if (failure) {
    const { error } = failure;
    const detail = error instanceof Error ? error.message : String(error);
    throw new OpsError(`The scratch resources could not be created: ${detail}`, exit.failure, {
      cause: error,
    });
  }
  return { findings, interrupted: signal.aborted && findings.length < assumptions.length, leftovers };
}

/** Makes one check. An error means that it could not be tested. @throws the signal's reason */
export async function examine(
  { name, assumption, source, check }: Assumption,
  probe: Probe,
  signal: AbortSignal,
): Promise<Finding> {
  const described = { name, assumption, source };
  try {
    return { ...described, ...(await check(probe)) };
  } catch (error) {
    signal.throwIfAborted();
    const observed = error instanceof Error ? error.message : String(error);
    return { ...described, outcome: 'not-tested', observed };
  }
}

/** What checks use. */
export function connect(
  names: ScratchNames,
  queueUrls: Probe['queueUrls'],
  clients: ScratchClients,
  pace: Pace,
  signal: AbortSignal,
): Probe {
  const { s3, dynamo } = clients;
  return {
    names,
    queueUrls,
    ...clients,
    store: createObjectStore(s3),
    multipart: createMultipartStore(s3, { maxSockets: MAX_SOCKETS }),
    table: createLedgerTable(names.table, {
      maxSockets: MAX_SOCKETS,
      access: clientAccess(dynamo, new ListTablesCommand({}), (command) => dynamo.send(command)),
    }),
    holdPut: createHeldPuts(s3),
    pace,
    sleep: (ms) => wait(ms, undefined, { signal }),
  };
}
