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
export { type ErrorClass, isWithoutCredentials } from './error-codes.ts';
