export const BUCKETS = { landing: 'landing', distribution: 'distribution', archive: 'archive' };

/** How half of the schedules divide their files into groups: `a`, `b`, and the others. */
export const GROUP_BY = 'pattern:^([ab])$';

/** The function's timeout. The queue's settings follow from it as in the infrastructure: window + timeout + grace. */
export const TIMEOUT_MS = 60_000;
export const VISIBILITY_MS = 20_000 + TIMEOUT_MS + 40_000;
export const MAX_RECEIVES = 1_000;
/** Objects larger than this are forwarded to the function for large objects. */
export const FORWARD_BYTES = 90;
/** Bytes of a bundle in memory, and of a part. A tar of three small files just fits. */
export const STAGING_BYTES = 4_096;
export const PART_BYTES = 1_024;
/** Bytes of a file whose bundle is uploaded in parts, and of one whose bundle S3 copies. */
export const PARTED_BYTES = 3_000;
export const COPIED_BYTES = 5_000;
/** Bytes of the largest file that can be streamed. */
export const STREAMED_BYTES = 4_000;
export const COPY_LIMITS = { headBytes: 500, rangeBytes: 2_000, concurrency: 3 };

/**
 * Clocks are wrong by up to DRIFT_MS either way, and a PUT may take effect up to LATENESS_MS after its sender's deadline.
 * The grace must be longer than both together.
 */
export const CLAIM_GRACE_MS = 30_000;
export const DRIFT_MS = 4_000;
export const LATENESS_MS = 15_000;
/** Completing an upload may take much longer than the grace: only the abort makes it final. */
export const COMPLETION_LATENESS_MS = 300_000;

const DAY_MS = 86_400_000;
export const CLAIM_RETENTION_MS = 21 * DAY_MS;
/** Maximum lifetime of a message in the queue and the dead-letter queue together. */
export const MESSAGE_RETENTION_MS = 18 * DAY_MS;

/** Entries per page of a listing: so few that most listings have several. */
export const LIST_PAGE = 3;

/** The consumer's visibility timeout, and how often it lists the bucket. */
export const READY_VISIBILITY_MS = 120_000;
export const LIST_EVERY_MS = 60_000;
export const LOST_AFTER_MS = 120_000;

/** From this age on, the reconciler considers an object lost; and when it looks again. */
export const SLO_MS = 30_000;
export const RECHECK_MS = 6 * 3_600_000;
/** How often the reconciler runs. */
export const RECONCILE_EVERY_MS = 3_600_000;

/** Once faults have ended: until every notified file is on the disk, and until the reconciler has found the others too. */
export const DELIVERED_WITHIN_MS = 20 * 60_000;
export const RECONCILED_WITHIN_MS = 8 * 3_600_000;
