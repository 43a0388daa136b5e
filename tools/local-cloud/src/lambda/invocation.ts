/** What a function is given. */
export interface Invocation {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly payload: string;
  /** Milliseconds since 1970 at which the process is killed. */
  readonly deadline: number;
  readonly traceId: string;
}

/** What became of an invocation. */
export type InvocationResult =
  | { readonly kind: 'success'; readonly requestId: string; readonly payload: string }
  | {
      readonly kind: 'error';
      readonly requestId: string;
      /** The error document, as JSON: `errorType`, `errorMessage`, maybe `trace`. */
      readonly payload: string;
    };

/** The error document Lambda makes when the function could not make one itself. */
export function platformError(requestId: string, errorType: string, message: string): InvocationResult {
  const errorMessage = `RequestId: ${requestId} Error: ${message}`;
  return { kind: 'error', requestId, payload: JSON.stringify({ errorType, errorMessage }) };
}
