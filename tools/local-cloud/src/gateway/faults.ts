import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault as S3Fault, FaultCall as S3FaultCall } from '../s3/index.ts';
import { send, type Answer } from './answer.ts';

/** A call to SQS or DynamoDB, as passed to a fault hook. */
export interface ServiceCall {
  /** `SendMessage`, `PutItem` */
  readonly operation: string;
  /** Name of the queue or table; undefined if the operation has none or several. */
  readonly resource: string | undefined;
  /** Name of the calling role; undefined for the administrator. */
  readonly roleName: string | undefined;
  /** The request's JSON. */
  readonly body: string;
}

/** A fault of one call to SQS or DynamoDB. */
export type ServiceFault =
  /** Served with this delay, in milliseconds. */
  | { readonly delayMs: number }
  /** Refused without an effect. */
  | { readonly status: 500; readonly code: 'InternalServerError' }
  | { readonly status: 503; readonly code: 'ServiceUnavailable' }
  | { readonly status: 400; readonly code: 'ThrottlingException' }
  /** The connection breaks after this many bytes of the response body. */
  | { readonly cutBodyAfterBytes: number }
  /** Takes effect, but the response is lost. */
  | { readonly cutAfterEffect: true }
  /** The connection breaks before the call takes effect. */
  | { readonly cutBeforeEffect: true }
  /** The connection breaks at once; the call takes effect after this many milliseconds. */
  | { readonly lateEffectMs: number };

type Hook<Call, Fault> = (call: Call) => Fault | undefined | Promise<Fault | undefined>;

/** Hooks that decide the fault of each call. They can be set and removed at any time. */
export interface FaultHooks {
  s3?: Hook<S3FaultCall, S3Fault> | undefined;
  sqs?: Hook<ServiceCall, ServiceFault> | undefined;
  dynamodb?: Hook<ServiceCall, ServiceFault> | undefined;
}

/**
 * Performs a call and sends its response, subject to the fault.
 *
 * @param refuse creates the service's own error for a code
 */
export async function answerWithFault(
  response: ServerResponse,
  fault: ServiceFault | undefined,
  perform: () => Promise<Answer>,
  refuse: (status: number, code: string) => Answer,
): Promise<void> {
  if (fault === undefined) return send(response, await perform());
  if ('delayMs' in fault) {
    await sleep(fault.delayMs);
    return send(response, await perform());
  }
  if ('code' in fault) return send(response, refuse(fault.status, fault.code));
  if ('cutBeforeEffect' in fault) return void response.destroy();
  if ('lateEffectMs' in fault) {
    response.destroy();
    await sleep(fault.lateEffectMs);
    await perform();
    return;
  }
  const { status, headers, body } = await perform();
  if ('cutAfterEffect' in fault) return void response.destroy();
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.write(Buffer.from(body).subarray(0, fault.cutBodyAfterBytes), () => response.destroy());
}
