import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { jsonAnswer, jsonError, send } from './answer.ts';
import type { FaultHooks } from './faults.ts';

/*
 * What AWS has no API for, for the operator's console: it kills a function's process, and stops a service for a while.
 *
 *     GET  /_control                    {"outages": [{"service": "dynamodb", "until": 1790000000000}]}
 *     POST /_control/kill               {"function": "aggregator"}             → {"killed": {"functionName": …, "pid": …} | null}
 *     POST /_control/outage             {"service": "dynamodb", "seconds": 30} → the same as GET
 *
 * Only the administrator may call it.
 */

/** Path prefix. No bucket can have this name. */
export const controlPath = '/_control';

/** The services that can be stopped. */
const services = ['s3', 'dynamodb'] as const;
type Service = (typeof services)[number];

const MAX_OUTAGE_SECONDS = 900;
const MAX_BODY_BYTES = 10_000;

/** Services that do not answer the functions for a while. The administrator's calls go on, so that an outage can be looked at. */
export interface Outages {
  /** The hooks that the services must ask: outages first, then those of the given object. */
  readonly hooks: FaultHooks;
  /** Starts an outage, or changes its length. 0 seconds end it. */
  readonly stop: (service: Service, seconds: number) => void;
  readonly current: () => readonly { readonly service: Service; readonly until: number }[];
}

/** @param adminKeyId the administrator's access key id */
export function createOutages(faults: FaultHooks, adminKeyId: string, now = Date.now): Outages {
  const until = new Map<Service, number>();
  const isOut = (service: Service) => (until.get(service) ?? 0) > now();
  return {
    hooks: {
      s3: (call) =>
        isOut('s3') && call.accessKeyId !== adminKeyId ? { cutBeforeEffect: true } : faults.s3?.(call),
      dynamodb: (call) =>
        isOut('dynamodb') && call.roleName !== undefined
          ? { cutBeforeEffect: true }
          : faults.dynamodb?.(call),
      sqs: (call) => faults.sqs?.(call),
    },
    stop: (service, seconds) => void until.set(service, now() + seconds * 1000),
    current: () => [...until].flatMap(([service, end]) => (end > now() ? [{ service, until: end }] : [])),
  };
}

const kill = v.strictObject({ function: v.string() });
const outage = v.strictObject({
  service: v.picklist(services),
  seconds: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_OUTAGE_SECONDS)),
});

/** Handles a request completely. */
export type Control = (
  request: IncomingMessage,
  response: ServerResponse,
  isAdministrator: boolean,
) => Promise<void>;

/** @param killProcess kills a busy process of a function; undefined if there is none. @throws Error if there is no such function */
export function createControl(outages: Outages, killProcess: (name: string) => object | undefined): Control {
  function perform(method: string | undefined, path: string, body: string): object | undefined {
    if (method === 'GET' && path === controlPath) return { outages: outages.current() };
    if (method !== 'POST') return undefined;
    if (path === `${controlPath}/kill`) {
      return { killed: killProcess(v.parse(kill, JSON.parse(body)).function) ?? null };
    }
    if (path !== `${controlPath}/outage`) return undefined;
    const { service, seconds } = v.parse(outage, JSON.parse(body));
    outages.stop(service, seconds);
    return { outages: outages.current() };
  }

  return async (request, response, isAdministrator) => {
    if (!isAdministrator) {
      request.resume();
      const message = 'This requires the credentials of the cloud.';
      return send(response, jsonError(403, 'AccessDeniedException', message));
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      request.resume();
      return send(response, jsonError(413, 'RequestTooLarge', 'The request is too large.'));
    }
    const body = await text(request);
    try {
      const result = perform(request.method, request.url?.split('?')[0] ?? '', body);
      send(response, result ? jsonAnswer(result) : jsonError(404, 'NotFound', 'There is no such operation.'));
    } catch (error) {
      if (!(error instanceof v.ValiError) && !(error instanceof SyntaxError)) throw error;
      send(response, jsonError(400, 'InvalidRequestException', error.message));
    }
  };
}
