import { createJsonService, environmentAccess, type ServiceAccess } from '../aws-http/index.ts';
import { mapConcurrently, type RetryRules, withRetries } from '../retry/index.ts';

/** When a received message becomes visible again. */
export interface VisibilityChange {
  receiptHandle: string;
  /** From now, 0 to 43,200. */
  seconds: number;
}

/** The result for one message: undefined if SQS made the change, otherwise SQS's error code. */
export type ChangeResult = string | undefined;

/** One ChangeMessageVisibilityBatch request for at most 10 messages. Throws CallError if the request as a whole fails. */
export type ChangeVisibilityBatch = (changes: readonly VisibilityChange[]) => Promise<ChangeResult[]>;

export interface VisibilityTimer {
  /**
   * Changes when messages become visible again. Never throws: a message whose change fails returns when its visibility timeout ends.
   *
   * @param signal stops waiting for requests under way, and starts no others
   */
  change(changes: readonly VisibilityChange[], signal?: AbortSignal): Promise<void>;
}

/** SQS's limit for a batch request. */
const MAX_ENTRIES = 10;
const MAX_CONCURRENT_REQUESTS = 8;
/** The messages return anyway, so more retries are worth little. */
const ATTEMPTS = 2;

/** Codes for messages that are no longer ours: received again, deleted, or expired. That is expected, and not an error. */
const GONE = new Set(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue']);

/**
 * @param rules.onUnchanged gets the codes of changes that SQS refused for a reason other than that the message is gone, and
 * requests that failed as a whole
 */
export function createVisibilityTimer(
  changeBatch: ChangeVisibilityBatch,
  rules: Omit<RetryRules, 'attempts' | 'signal'> & {
    onUnchanged: (messages: number, cause: unknown) => void;
  },
): VisibilityTimer {
  return {
    async change(changes, signal) {
      const requests = mapConcurrently(batchesOf(changes), MAX_CONCURRENT_REQUESTS, async (batch) => {
        if (signal?.aborted) return rules.onUnchanged(batch.length, 'no time was left');
        try {
          const results = await withRetries(() => changeBatch(batch), {
            ...rules,
            attempts: ATTEMPTS,
            signal,
          });
          const refused = results.filter((code) => code !== undefined && !GONE.has(code));
          if (refused.length > 0) rules.onUnchanged(refused.length, refused[0]);
        } catch (error) {
          rules.onUnchanged(batch.length, error);
        }
      });
      await (signal ? Promise.race([requests, aborted(signal)]) : requests);
    },
  };
}

interface ChangeBatchOutput {
  Failed?: readonly { Id: string; Code: string }[];
}

/**
 * ChangeMessageVisibilityBatch without an SDK client: one attempt. SQS responds with 200 even if it refused some of the messages.
 *
 * @param access by default the function's own, from its environment
 */
export function createChangeVisibilityBatch(
  queueUrl: string,
  access: ServiceAccess = environmentAccess('sqs', () => new URL('/', queueUrl).href),
): ChangeVisibilityBatch {
  const sqs = createJsonService({ access, target: 'AmazonSQS', maxSockets: MAX_CONCURRENT_REQUESTS });
  return async (changes) => {
    const { status, document, error } = await sqs<ChangeBatchOutput>(
      'ChangeMessageVisibilityBatch',
      {
        QueueUrl: queueUrl,
        Entries: changes.map(({ receiptHandle, seconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        })),
      },
      `ChangeMessageVisibilityBatch ${queueUrl}`,
    );
    if (status !== 200) throw error();
    const failed = new Map(document.Failed?.map(({ Id, Code }) => [Id, Code]));
    return changes.map((_, index) => failed.get(String(index)));
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Splits items into batch requests, in order. For items whose size matters, see `inBatches`. */
export function batchesOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_ENTRIES) }, (_, index) =>
    items.slice(index * MAX_ENTRIES, (index + 1) * MAX_ENTRIES),
  );
}
