export {
  CallError,
  type CallOutcome,
  FOREIGN_RESPONSE,
  isSystemError,
  outcomeOfError,
  responseError,
  SystemFault,
  toCallError,
} from './call-error.ts';
export { type ErrorClass } from './error-codes.ts';
