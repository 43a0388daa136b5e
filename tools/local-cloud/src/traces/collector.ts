import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Credentials } from '../iam/credentials.ts';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { jsonAnswer, jsonError, send } from '../gateway/answer.ts';
import { denialMessage, denialOf, type Denial } from '../gateway/denial.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { readSpans, type ReceivedSpan } from './received-span.ts';
import { renderTraces } from './render.ts';

/** Accepts spans like X-Ray, and keeps the latest. */
export interface Collector {
  readonly spans: () => readonly ReceivedSpan[];
  /** `POST /v1/traces`, signed for X-Ray. */
  readonly take: (
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller | undefined,
  ) => Promise<void>;
  /** `GET /_traces?key=…`, for people. Callers other than the administrator are asked for credentials. */
  readonly show: (request: IncomingMessage, response: ServerResponse, isAllowed: boolean) => Promise<void>;
}

/** Path of the page. No bucket can have this name. */
export const tracesPath = '/_traces';

const plainText = { 'content-type': 'text/plain; charset=utf-8' };
const ACTION = 'xray:PutTraceSegments';
const MAX_BYTES = 5_000_000;
const MAX_SPANS_KEPT = 10_000;

/** @param onDenied called for each denied call */
export function createCollector(authorizer: Authorizer, onDenied: (denial: Denial) => void): Collector {
  let kept: readonly ReceivedSpan[] = [];

  return {
    spans: () => kept,

    async take(request, response, caller) {
      const body = await text(request);
      if (request.method !== 'POST' || request.url !== '/v1/traces') {
        const said = 'Of X-Ray the local cloud does POST /v1/traces alone.';
        return send(response, jsonError(501, 'NotImplemented', said));
      }
      if (!caller) {
        const said = 'The access key id is unknown.';
        return send(response, jsonError(403, 'UnrecognizedClientException', said));
      }
      const decision = authorizer.authorize({ caller, action: ACTION, resource: '*' });
      if (!decision.allowed) {
        const denial = denialOf(caller, ACTION, '*', decision);
        onDenied(denial);
        return send(response, jsonError(403, 'AccessDeniedException', denialMessage(denial)));
      }
      try {
        if (Buffer.byteLength(body) > MAX_BYTES) throw new SyntaxError('a request may have at most 5 MB');
        kept = [...kept, ...readSpans(body)].slice(-MAX_SPANS_KEPT);
      } catch (error) {
        if (!(error instanceof v.ValiError) && !(error instanceof SyntaxError)) throw error;
        return send(response, jsonError(400, 'InvalidRequestException', error.message));
      }
      send(response, jsonAnswer({}));
    },

    async show(request, response, isAllowed) {
      request.resume();
      if (!isAllowed) {
        const body =
          'Traces require the credentials of the cloud: curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" …\n';
        const headers = { ...plainText, 'www-authenticate': 'Basic realm="local cloud"' };
        return send(response, { status: 401, headers, body });
      }
      const { searchParams } = new URL(request.url ?? '/', 'http://local');
      const body = renderTraces(kept, searchParams.get('key') ?? undefined);
      send(response, { status: 200, headers: plainText, body });
    },
  };
}

/**
 * Whether a request is the administrator's: it is signed by the administrator, or has the administrator's key pair as user
 * name and password (`curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`, or a browser that asks for them).
 */
export function isAdministrator(
  { authorization = '' }: IncomingHttpHeaders,
  caller: Caller | undefined,
  { accessKeyId, secretAccessKey }: Credentials,
): boolean {
  if (caller?.kind === 'admin') return true;
  const [, encoded = ''] = /^Basic ([\w+/=]+)$/i.exec(authorization) ?? [];
  return Buffer.from(encoded, 'base64').toString() === `${accessKeyId}:${secretAccessKey}`;
}
