import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { outcomeOfError, toCallError } from '@data-aggregator/shared-processing/errors';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import type { MultipartStore, ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { HeldPut, HeldPutRequest } from './held-put.ts';
import type { ScratchNames } from './scratch.ts';

/** What the system takes for granted about AWS, and a test of it. */
export interface Assumption {
  /** Such as `abort-before-complete`. */
  name: string;
  /** In one sentence. */
  assumption: string;
  /** The page of AWS's documentation. */
  source: string;
  /** The most requests that the check makes. */
  requests: Requests;
  check(probe: Probe): Promise<Observation>;
}

/** Numbers of requests that AWS bills; deletions, aborts and failed connections cost nothing. */
export interface Requests {
  /** PUT, COPY, POST and LIST. */
  s3Put?: number;
  /** GET and HEAD. */
  s3Get?: number;
  sqs?: number;
  dynamoWrite?: number;
  dynamoRead?: number;
}

export interface Observation {
  outcome: 'held' | 'not-held' | 'not-tested';
  /** What was seen; for `not-tested`, why. */
  observed: string;
}

/** The resources and clients of a run. */
export interface Probe {
  names: ScratchNames;
  queueUrls: { events: string; work: string; dead: string };
  s3: S3Client;
  store: ObjectStore;
  multipart: MultipartStore;
  sqs: SQSClient;
  dynamo: DynamoDBClient;
  table: LedgerTable;
  /** Sends the start of a PUT; see `createHeldPuts`. */
  holdPut: (request: HeldPutRequest) => Promise<HeldPut>;
  pace: Pace;
  /** @throws the reason of an interruption */
  sleep: (ms: number) => Promise<void>;
}

/** How long a run waits for what takes time on AWS, in ms. */
export interface Pace {
  /** A request stalls for so long. */
  stallMs: number;
  /** An object that has not appeared by then is taken for absent. */
  settleMs: number;
  /** S3's events usually arrive in seconds, but may take a minute or longer. */
  eventsMs: number;
  /** Repetitions of a race. */
  rounds: number;
}

export const PACES = {
  aws: { stallMs: 3_000, settleMs: 3_000, eventsMs: 180_000, rounds: 10 },
  local: { stallMs: 100, settleMs: 100, eventsMs: 10_000, rounds: 4 },
} as const satisfies Record<string, Pace>;

export function observe(held: boolean, observed: string): Observation {
  return { outcome: held ? 'held' : 'not-held', observed };
}

/**
 * `ok`, or the code of a service's error.
 *
 * @throws CallError if no service answered, or if it only asked for patience: then nothing was observed
 */
export async function resultOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { status, outcome, code } = toCallError('the probe', error);
    if (status === undefined || outcome === 'throttled') throw error;
    return code;
  }
}

/** Whether a result says that nothing happened, and that nothing will. */
export function isRefusal(result: string): boolean {
  return result !== 'ok' && outcomeOfError(400, result) === 'refused';
}

/** `3 × ok, 1 × NoSuchUpload` */
export function tally(results: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const result of results) counts.set(result, (counts.get(result) ?? 0) + 1);
  return [...counts].map(([result, count]) => `${count} × ${result}`).join(', ');
}

/** `[0, 1, …, n - 1]` */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}
