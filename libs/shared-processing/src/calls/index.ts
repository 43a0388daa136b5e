export {
  CallError,
  type CallOutcome,
  FOREIGN_RESPONSE,
  isSystemRefusal,
  responseError,
  statedOutcome,
  SystemFault,
  toCallError,
} from './call-error.ts';
export { type ErrorClass } from './error-codes.ts';
export { type Clock, systemClock } from './clock.ts';
export { concurrently } from './concurrently.ts';
export { backoffMs, type RetryRules, withRetries } from './retry.ts';
export { SHORT_CALLS } from './short-calls.ts';
