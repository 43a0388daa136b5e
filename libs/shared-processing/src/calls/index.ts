export {
  CallError,
  type CallOutcome,
  isSystemRefusal,
  statedOutcome,
  SystemFault,
  toCallError,
} from './call-error.ts';
export { type Clock, systemClock } from './clock.ts';
export { concurrently } from './concurrently.ts';
export { backoffMs, type RetryRules, withRetries } from './retry.ts';
export { SHORT_CALLS } from './short-calls.ts';
