export {
  CallError,
  type CallOutcome,
  FOREIGN_RESPONSE,
  isSystemError,
  responseError,
  outcomeOfError,
  SystemFault,
  toCallError,
} from './call-error.ts';
export { type ErrorClass } from './error-codes.ts';
export { type Clock, systemClock } from './clock.ts';
export { mapConcurrently } from './concurrently.ts';
export { backoffMs, type RetryRules, withRetries } from './retry.ts';
export { SHORT_CALL_TIMEOUTS } from './short-calls.ts';
