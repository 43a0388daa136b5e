/** The input of an invocation. */
export interface Invocation {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly payload: string;
  /** When the process is killed; milliseconds since 1970. */
  readonly deadline: number;
  readonly traceId: string;
}

/** The result of an invocation. */
export type InvocationResult =
  | { readonly kind: 'success'; readonly requestId: string; readonly payload: string }
  | {
      readonly kind: 'error';
      readonly requestId: string;
      /** The error document as JSON: `errorType`, `errorMessage`, possibly `trace`. */
      readonly payload: string;
    };

/** Lambda's error document for a function that could not report its own error. */
export function platformError(requestId: string, errorType: string, message: string): InvocationResult {
  const errorMessage = `RequestId: ${requestId} Error: ${message}`;
  return { kind: 'error', requestId, payload: JSON.stringify({ errorType, errorMessage }) };
}
