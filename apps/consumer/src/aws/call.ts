import { CallError, toCallError } from '@data-aggregator/shared-processing/errors';

/** What AWS answers if the clock of this machine is wrong. SQS treats an old signature as a wrong one. */
const SKEWED = new Set([
  'RequestTimeTooSkewed',
  'RequestExpired',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
]);

/** One call of an SDK client. @param what the call in words @throws CallError */
export async function call<T>(what: string, send: () => Promise<T>): Promise<T> {
  return again(async () => {
    try {
      return await send();
    } catch (error) {
      throw toCallError(what, error);
    }
  });
}

/**
 * Makes a call once more if AWS refused its time. The SDK reads AWS's time from every response and corrects the signatures of later
 * requests, so the second attempt succeeds although the clock is still wrong.
 */
export async function again<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof CallError && SKEWED.has(error.code)) return attempt();
    throw error;
  }
}
