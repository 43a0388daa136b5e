import { type CallError, responseError, toCallError } from '../errors/index.ts';
import type { Endpoint } from './sdk-endpoint.ts';
import { readBody } from './read-body.ts';
import type { ServiceAccess } from './service-access.ts';
import { createSignedCaller } from './signed-caller.ts';
import { createTransport } from './transport.ts';

/** Requests to DynamoDB and SQS are short, and so are their responses. */
const CONNECTION_TIMEOUT_MS = 2_000;
const RESPONSE_TIMEOUT_MS = 5_000;

/** An error as the service's response body states it. */
interface ErrorDocument {
  __type?: string;
  message?: string;
  Message?: string;
}

export interface JsonResponse<D> {
  status: number;
  /** The document that came; of a refusal it may hold nothing but the error. */
  document: Partial<D>;
  /** The service's name for the error, where it names one. */
  code: string | undefined;
  /** The refusal as an error to be thrown. */
  error: () => CallError;
}

/**
 * Asks a service for one operation, once.
 *
 * @param what the call in words, for errors
 * @throws CallError where no answer came, or one that cannot be read
 */
export type JsonService = <D>(operation: string, input: object, what: string) => Promise<JsonResponse<D>>;

export interface JsonServiceOptions {
  access: ServiceAccess;
  /** What stands before an operation's name in `x-amz-target`. */
  target: string;
  /** Connections at once. */
  maxSockets: number;
}

/** A service that takes and gives JSON documents (AWS's protocol "JSON 1.0"), called without a client of the SDK. */
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
      return answerOf(what, statusCode, await readBody(body));
    } catch (error) {
      throw toCallError(what, error);
    }
  };
}

function answerOf<D>(what: string, status: number, text: string): JsonResponse<D> {
  const document = documentIn<D>(text, status);
  // `com.amazonaws.dynamodb.v20120810#Name`, of which the name is the code.
  const code = document.__type?.split('#').at(-1);
  return {
    status,
    document,
    code,
    error: () =>
      responseError(what, { status, code, isAws: false, message: document.message ?? document.Message }),
  };
}

/** An error without a document still has its status. */
function documentIn<D>(text: string, status: number): Partial<D> & ErrorDocument {
  try {
    return JSON.parse(text) as Partial<D> & ErrorDocument;
  } catch (error) {
    if (status === 200) throw error;
    return {};
  }
}
