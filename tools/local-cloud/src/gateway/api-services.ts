import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApiError, findOperation, type Api, type Permission } from '../apis/api.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { jsonAnswer, jsonError, send, type Answer } from './answer.ts';
import { isCbor, readCbor, sendCbor } from './cbor-protocol.ts';
import type { Caller } from '../iam/credentials.ts';
import { denialMessage, firstDenial, type Denial } from './denial.ts';
import { queryError, translate } from './protocol.ts';
import { parseQuery, queryAnswer } from './query-protocol.ts';

/** A service that receives operations as JSON with a target, such as `AmazonSQS.SendMessage`. */
export interface JsonService {
  /** Start of its `X-Amz-Target` header: `AmazonSQS.` */
  readonly target: string;
  /** The fault hook for its calls, if it has one. */
  readonly faultHook?: 'sqs' | 'dynamodb';
  /** Its error for a call that the caller may not make. */
  readonly denied: { readonly status: 400 | 403; readonly code: string };
  /** The permissions that a call needs; undefined for an unknown operation. */
  readonly needs: (operation: string, body: string) => Needs | undefined;
  readonly perform: (operation: string, body: string) => Promise<Answer>;
  readonly error: (status: number, code: string, message: string) => Answer;
}

export interface Needs {
  readonly permissions: readonly Permission[];
  /** Name of the queue or table, if there is exactly one. */
  readonly name: string | undefined;
}

/** Handles a request completely. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller | undefined,
) => Promise<void>;

/** An API with a JSON protocol, such as `Logs_20140328.FilterLogEvents`. */
export function jsonService(target: string, api: Api): JsonService {
  return { target, denied: jsonDenied, ...jsonOperations(api, jsonError), error: jsonError };
}

/** The error of most JSON services for a denied call. */
export const jsonDenied: JsonService['denied'] = { status: 400, code: 'AccessDeniedException' };

/** Adapts an API to a JSON service. @param error creates the service's form of an error */
export function jsonOperations(
  api: Api,
  error: JsonService['error'],
): Pick<JsonService, 'needs' | 'perform'> {
  return {
    needs: (operation, body) => {
      const found = findOperation(api, operation);
      return found && { permissions: found.permissions(JSON.parse(body)), name: undefined };
    },
    perform: async (operation, body) => {
      try {
        const result = await findOperation(api, operation)?.perform(JSON.parse(body));
        return jsonAnswer(inSeconds(result ?? {}));
      } catch (thrown) {
        if (thrown instanceof ApiError) return error(thrown.status, thrown.code, thrown.message);
        throw thrown;
      }
    },
  };
}

/** A JSON response body; times are seconds since 1970. */
export function inSeconds(value: object): object {
  return translate(value, { time: (time) => time.getTime() / 1000 }) as object;
}

/** Decides what callers may do, and reports denied calls. */
export interface Guard {
  readonly authorizer: Authorizer;
  readonly onDenied: (denial: Denial) => void;
}

/**
 * Performs an operation if the caller is allowed to.
 *
 * @param deniedCode the service's error code for a denied call
 * @throws ApiError, also for an unknown operation and for a denied call
 */
export async function performFor(
  caller: Caller,
  { api, name, input }: { readonly api: Api; readonly name: string; readonly input: unknown },
  { authorizer, onDenied }: Guard,
  deniedCode: 'AccessDenied' | 'AccessDeniedException',
): Promise<object> {
  const operation = findOperation(api, name);
  if (!operation) throw new ApiError('NotImplemented', `${name} is not supported by the local cloud.`, 501);
  const denial = firstDenial(authorizer, caller, operation.permissions(input));
  if (denial) {
    onDenied(denial);
    throw new ApiError(deniedCode, denialMessage(denial), 403);
  }
  return operation.perform(input);
}

export interface ApiRouteOptions extends Guard {
  readonly api: Api;
  /** `http://cloudformation.amazonaws.com/doc/2010-05-15/` */
  readonly namespace: string;
}

/** An API with the query protocol, and with CBOR for callers that use it. */
export function apiRoute({ api, namespace, ...guard }: ApiRouteOptions): Route {
  type Outcome = { readonly result: object } | { readonly error: ApiError };

  async function perform(name: string, input: unknown, caller: Caller | undefined): Promise<Outcome> {
    try {
      if (!caller) throw new ApiError('InvalidClientTokenId', 'The access key id is unknown.', 403);
      return { result: await performFor(caller, { api, name, input }, guard, 'AccessDenied') };
    } catch (error) {
      if (error instanceof ApiError) return { error };
      throw error;
    }
  }

  return async (request, response, caller) => {
    if (isCbor(request)) {
      const { operation, input } = await readCbor(request);
      const outcome = await perform(operation, input, caller);
      if ('result' in outcome) return sendCbor(response, 200, outcome.result);
      const { status, code, message } = outcome.error;
      return sendCbor(response, status, { __type: code, message });
    }
    const { operation, input } = parseQuery(await text(request));
    const outcome = await perform(operation, input, caller);
    const answer: Answer =
      'result' in outcome
        ? queryAnswer(operation, outcome.result, namespace)
        : queryError(outcome.error.status, outcome.error.code, outcome.error.message, namespace);
    send(response, answer);
  };
}
