import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessDenied, accessRequest, type Authorize, creationContext } from './access.ts';
import { type Answer, errorAnswer } from './http/answer.ts';
import { findBucket } from './buckets/buckets.ts';
import type { Sender } from './http/caller.ts';
import { S3Error } from './errors.ts';
import { type Fault, type Faults, strikeAnswer, strikeBeforeEffect, strikeFirst } from './faults.ts';
import type { Call, Operation, Service } from './operation.ts';
import { newRequestIds, parseRequest, type S3Request } from './http/request.ts';
import { route } from './routes.ts';
import { cut, isClientGone, send, withBitFlipped } from './http/send.ts';
import { refuseOtherConditions, refuseUnknownHeaders } from './http/supported-headers.ts';

export interface HandlerOptions {
  authorize: Authorize;
  faults: Faults;
  /** Called for internal errors; the client gets an InternalError. */
  onUnexpected: (error: unknown) => void;
}

/**
 * Serves one HTTP request. Resolves once the response is sent or the client has disconnected.
 *
 * @param sender verified by a gateway; without it, the access key id in the request is trusted
 */
export type Handle = (raw: IncomingMessage, res: ServerResponse, sender?: Sender) => Promise<void>;

export function createHandler(service: Service, options: HandlerOptions): Handle {
  return async function handle(raw, res, sender) {
    const ids = newRequestIds();
    const common = { 'x-amz-request-id': ids.requestId, 'x-amz-id-2': ids.hostId, server: 'AmazonS3' };
    let fault: Fault | undefined;
    let answer: Answer;
    try {
      if (sender?.kind === 'refused') throw sender.error;
      const request = parseRequest(raw, ids, sender);
      const operation = route(request);
      fault = await options.faults.before(faultCall(operation, request));
      if ((await strikeFirst(fault)) === 'cut') return cut(res);
      const beforeEffect = () => strikeBeforeEffect(fault, () => cut(res));
      answer = await perform(operation, createCall(request, service, options.authorize, beforeEffect));
    } catch (error) {
      if (raw.destroyed && isClientGone(error)) return;
      if (!(error instanceof S3Error)) options.onUnexpected(error);
      answer = errorAnswer(
        error instanceof S3Error ? error : new S3Error('InternalError'),
        methodOf(raw),
        ids,
      );
    }
    try {
      await deliver(raw, res, { ...answer, headers: { ...common, ...answer.headers } }, fault);
    } catch (error) {
      // The response has begun, so break the connection to make it recognisably incomplete.
      options.onUnexpected(error);
      cut(res);
    }
  };
}

/** Performs the checks common to all operations, then runs the operation. */
async function perform(operation: Operation, call: Call): Promise<Answer> {
  const { request, service } = call;
  const { bucket: name, key } = request;
  const bucket =
    name === undefined || operation.on === 'bucket-name' ? undefined : findBucket(service.buckets, name);
  for (const header of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const owner = request.header(header);
    if (owner !== undefined && owner !== service.accountId) throw new S3Error('AccessDenied');
  }
  const versionId = parseVersionId(request.query.get('versionId'));
  const context = { ...creationContext(operation.name), ...operation.context?.(request) };
  for (const action of operation.actions(request)) {
    call.demand(action, { bucket: name, key, versionId, context });
  }
  // Only after authorization, because a policy can depend on a header that this S3 does not implement.
  refuseUnknownHeaders(request);
  refuseOtherConditions(request, operation);
  if (operation.on === 'service') return operation.run(call);
  if (operation.on === 'bucket-name' && name !== undefined) return operation.run({ ...call, name });
  if (operation.on === 'bucket' && bucket !== undefined) return operation.run({ ...call, bucket });
  if (operation.on === 'object' && bucket !== undefined && key !== undefined) {
    return operation.run({ ...call, bucket, key });
  }
  throw new Error(`${operation.name} received a request without a bucket or key.`);
}

function createCall(
  request: S3Request,
  service: Service,
  authorize: Authorize,
  beforeEffect: () => Promise<void>,
): Call {
  const may: Call['may'] = (action, target) => authorize(accessRequest(request, action, target)) === 'allow';
  const demand: Call['demand'] = (action, target) => {
    if (!may(action, target)) throw accessDenied(request, action);
  };
  return { request, service, may, demand, beforeEffect };
}

async function deliver(
  raw: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): Promise<void> {
  const strike = strikeAnswer(fault);
  if (strike === 'lose') {
    if (answer.body.kind === 'stream') answer.body.release();
    return cut(res);
  }
  if (strike === 'send') return send(raw, res, answer);
  if ('flipBit' in strike) return send(raw, res, withBitFlipped(answer, strike.flipBit));
  await send(raw, res, answer, strike);
}

function faultCall({ name }: Operation, { bucket, key, query, accessKeyId }: S3Request) {
  return { operation: name, bucket, key, versionId: query.get('versionId'), accessKeyId };
}

function parseVersionId(text: string | undefined): string | undefined {
  if (text === undefined || /^[\x21-\x7e]{1,1024}$/.test(text)) return text;
  throw new S3Error('InvalidArgument', { message: 'Invalid version id specified' });
}

function methodOf(raw: IncomingMessage): string {
  return raw.method ?? 'GET';
}
