import { type CallError, responseError, toCallError } from '../errors/index.ts';
import type { Endpoint } from './sdk-endpoint.ts';
import { readBody } from './response-body.ts';
import type { ServiceAccess } from './service-access.ts';
import { createSignedCaller } from './signed-caller.ts';
import { createTransport } from './transport.ts';

/** Short, because requests to DynamoDB and SQS and their responses are small. */
const CONNECTION_TIMEOUT_MS = 2_000;
const RESPONSE_TIMEOUT_MS = 5_000;

/** The error document in a service's response. */
interface ErrorDocument {
  __type?: string;
  message?: string;
  Message?: string;
}

export interface JsonResponse<D> {
  status: number;
  /** The response document. If the service refused, it may contain only the error. */
  document: Partial<D>;
  /** The service's error code, if the document has one. */
  code: string | undefined;
  /** Creates the error to throw for a response with an error status. */
  error: () => CallError;
}

/**
 * Calls one operation of a service, in one attempt.
 *
 * @param what names the call in errors, such as `GetItem my-table`
 * @throws CallError if no response arrives, or it cannot be parsed
 */
export type JsonService = <D>(operation: string, input: object, what: string) => Promise<JsonResponse<D>>;

export interface JsonServiceOptions {
  access: ServiceAccess;
  /** The prefix of operation names in `x-amz-target`. */
  target: string;
  /** Maximum number of connections. */
  maxSockets: number;
}

/** Calls a service that speaks AWS JSON 1.0, without an SDK client. */
export function createJsonService({ access, target, maxSockets }: JsonServiceOptions): JsonService {
  const transport = createTransport({
    maxSockets,
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    stalledAfterMs: RESPONSE_TIMEOUT_MS,
  });
  const call = createSignedCaller(access.signer, transport);
  let address: Endpoint | undefined;

  return async (operation, input, what) => {
    try {
      address ??= await access.endpoint();
      const { statusCode, body } = await call(address, {
        method: 'POST',
        path: address.path,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${target}.${operation}` },
        body: JSON.stringify(input),
      });
      return toJsonResponse(what, statusCode, await readBody(body));
    } catch (error) {
      throw toCallError(what, error);
    }
  };
}

function toJsonResponse<D>(what: string, status: number, text: string): JsonResponse<D> {
  const document = parseDocument<D>(text, status);
  // `com.amazonaws.dynamodb.v20120810#Name`: the code comes after the `#`.
  const code = document.__type?.split('#').at(-1);
  return {
    status,
    document,
    code,
    error: () =>
      responseError(what, { status, code, isAws: false, message: document.message ?? document.Message }),
  };
}

/** An error response need not contain JSON: its status is enough. */
function parseDocument<D>(text: string, status: number): Partial<D> & ErrorDocument {
  try {
    return JSON.parse(text) as Partial<D> & ErrorDocument;
  } catch (error) {
    if (status === 200) throw error;
    return {};
  }
}
