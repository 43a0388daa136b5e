export { type Clock, systemClock } from './clock.ts';
export { mapConcurrently } from './map-concurrently.ts';
export { backoffMs, type RetryRules, withRetries } from './retry.ts';
