/** Full jitter below `BASE × 2^(receives - 1)`, in seconds. */
const BASE_SECONDS = 4;
/** The limit of the delay: how long a file may wait after a fault has ended. */
const MAX_SECONDS = 120;
/**
 * After so many receives (an outage of more than half an hour) the limit rises to `MAX_SECONDS_LATER`. Otherwise a message could reach
 * SQS's highest maxReceiveCount, 1,000, before it expires.
 */
const LONG_OUTAGE_RECEIVES = 30;
const MAX_SECONDS_LATER = 900;
/** SQS's limit for a visibility timeout, less than the 12 hours that a message can be in flight. */
const MAX_VISIBILITY_SECONDS = 36_000;

/**
 * Seconds until a message's retry makes sense: when the claim that is in its way has expired, or after an exponential back-off with full
 * jitter.
 *
 * @param until when the claim expires, ms since the epoch
 * @param receives how often the message was received, this time included
 * @param now ms since the epoch
 * @param random a number in [0, 1)
 */
export function retryDelaySeconds(
  { until }: { until: number | undefined },
  receives: number,
  now: number,
  random: number,
): number {
  if (until !== undefined) {
    // One second later, because two clocks may differ by a little, and rounded up.
    return Math.min(MAX_VISIBILITY_SECONDS, Math.max(1, Math.ceil((until - now) / 1000) + 1));
  }
  const limit = receives > LONG_OUTAGE_RECEIVES ? MAX_SECONDS_LATER : MAX_SECONDS;
  return Math.max(1, Math.ceil(random * Math.min(limit, BASE_SECONDS * 2 ** (receives - 1))));
}
