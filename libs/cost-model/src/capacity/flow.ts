import { type Assumptions, MAX_NOTIFICATIONS } from '../workload.ts';

/** Milliseconds in which a poller receives one message: ten in a request that takes 10 ms. AWS publishes no figure. */
export const MS_PER_RECEIVED_MESSAGE = 1;
/** Bytes of one notification in the event that Lambda passes to the function. */
const NOTIFICATION_BYTES = 2_400;

/** The parts of a design that determine its capacity. */
export interface CapacityDesign {
  batchSize: number;
  batchWindowSeconds: number;
  /** MaximumConcurrency of the mapping. */
  maxConcurrency: number;
  timeoutSeconds: number;
  /** Queues among which the notifications of new files are divided. */
  queues: number;
  /** Writes per second that the ledger serves at once. */
  warmWrites: number;
  /** Key prefixes among which the uploader divides its files evenly. */
  landingPrefixes: number;
}

/** What a constant rate of files causes, once pollers and queue have settled. */
export interface Flow {
  filesPerSecond: number;
  /** Concurrent invocations and pollers, in all queues: one poller collects a batch, invokes the function and waits for it. */
  pollers: number;
  /** Files in a batch. */
  batch: number;
  /** Time that a poller collects a batch. */
  collectSeconds: number;
  /** Duration of one invocation. */
  invocationSeconds: number;
  /** Invocations per second; each makes one bundle. */
  invocationsPerSecond: number;
  payloadBytes: number;
}

export type FlowAssumptions = Pick<Assumptions, 'pollers' | 'msPerInvocation' | 'msPerFile'>;

/** Longer than the bill assumes: an estimate of capacity should err on the safe side. */
export const carefulTimes = { msPerInvocation: 400, msPerFile: 8 };

/**
 * The flow at a rate of files, if nothing but the design limits it. A poller's cycle is
 *
 *     collect until the window ends or the batch is full  │  invoke the function and wait
 *
 * At a low rate Lambda's initial pollers are enough and the window ends first. At a high rate batches are full, and the cycle's length decides
 * how many pollers are needed (Little's law).
 */
export function flowAt(
  filesPerSecond: number,
  { batchSize, batchWindowSeconds, queues }: CapacityDesign,
  { pollers: initial, msPerInvocation, msPerFile }: FlowAssumptions,
): Flow {
  const full = Math.min(batchSize, MAX_NOTIFICATIONS);
  const invocationSecondsOf = (files: number) => (msPerInvocation + files * msPerFile) / 1000;
  const inWindow = (filesPerSecond * batchWindowSeconds) / (initial * queues);
  const batch = Math.max(1, Math.min(inWindow, full));
  const invocationSeconds = invocationSecondsOf(batch);
  const receiveSeconds = (batch * MS_PER_RECEIVED_MESSAGE) / 1000;
  const needed = (filesPerSecond * (receiveSeconds + invocationSeconds)) / batch;
  const pollers = Math.max(initial * queues, Math.ceil(needed));
  const collectSeconds = Math.max(
    receiveSeconds,
    Math.min(batchWindowSeconds, (batch * pollers) / filesPerSecond - invocationSeconds),
  );
  return {
    filesPerSecond,
    pollers,
    batch,
    collectSeconds,
    invocationSeconds,
    invocationsPerSecond: filesPerSecond / batch,
    payloadBytes: batch * NOTIFICATION_BYTES,
  };
}

/** Messages that are received and not yet deleted: collected in a poller, or in an invocation. */
export function inFlight({ filesPerSecond, collectSeconds, invocationSeconds }: Flow): number {
  return filesPerSecond * (collectSeconds + invocationSeconds);
}
