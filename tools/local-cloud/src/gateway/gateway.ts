import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpServer } from '../s3/http/http-server.ts';
import type { Handle, Sender } from '../s3/index.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import { isAdministrator, type Collector, tracesPath } from '../traces/collector.ts';
import { send } from './answer.ts';
import { isBucketHost, isFromForeignPage, isLoopbackHost } from './browser-guard.ts';
import type { Caller, CredentialStore } from '../iam/credentials.ts';
import { type Control, controlPath } from './control.ts';
import { denialMessage, firstDenial, type Denial } from './denial.ts';
import { answerWithFault, type FaultHooks } from './faults.ts';
import type { JsonService, Route } from './api-services.ts';
import { errorIn, isForm, protocolOf } from './protocol.ts';
import { verifyChunks } from './signature/chunks.ts';
import { missingToken, refusalOf, s3RefusalOf } from './signature/refusals.ts';
import { createIdentify, type Identify, type Identity } from './signature/verify.ts';
import { readForm } from './sqs-query.ts';

export interface GatewayServices {
  readonly credentials: CredentialStore;
  readonly authorizer: Authorizer;
  readonly faults: FaultHooks;
  readonly onDenied: (denial: Denial) => void;
  /** Services with a JSON protocol, which a request selects with its `X-Amz-Target` header. */
  readonly json: readonly JsonService[];
  /** SQS over its older protocol. */
  readonly sqsQuery: JsonService;
  /** CloudWatch over protocols other than JSON. */
  readonly monitoring: Route;
  readonly cloudformation: Route;
  readonly s3: Handle;
  readonly lambda: Route;
  readonly sts: Route;
  readonly functionUrls: Route;
  readonly traces: Collector;
  readonly control: Control;
}

export interface Gateway {
  readonly endpoint: string;
  /** Starts serving. Requests that arrived earlier have waited. */
  readonly serve: (services: GatewayServices) => void;
  /** Stops accepting requests and cuts all connections. */
  readonly cut: () => void;
  /** Cuts all connections and waits for the calls under way. */
  readonly close: () => Promise<void>;
}

/** Maximum time to wait for calls that were cut off, in milliseconds. */
const longestEndMs = 2_000;

/** Path prefix of function URLs. No bucket can have this name. */
export const functionUrlPath = '/_url/';

const onlyFromHere =
  'The local cloud serves only requests from this machine: use 127.0.0.1 or localhost in the URL, and do not call it from a web page of another site.';

async function serveJson(
  service: JsonService,
  { authorizer, faults, onDenied }: GatewayServices,
  { operation, body }: { readonly operation: string; readonly body: string },
  caller: Caller,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, code: string, message = `${operation}: ${code}`) =>
    service.error(status, code, message);
  let needs: ReturnType<JsonService['needs']>;
  try {
    needs = service.needs(operation, body);
  } catch {
    return send(
      response,
      refuse(400, 'SerializationException', `The body of ${operation} cannot be parsed.`),
    );
  }
  if (!needs)
    return send(response, refuse(501, 'NotImplemented', `${operation} is not supported by the local cloud.`));
  const denial = firstDenial(authorizer, caller, needs.permissions);
  if (denial) {
    onDenied(denial);
    return send(response, refuse(service.denied.status, service.denied.code, denialMessage(denial)));
  }
  const roleName = caller.kind === 'role' ? caller.role.name : undefined;
  const hook = service.faultHook && faults[service.faultHook];
  const fault = await hook?.({ operation, resource: needs.name, roleName, body });
  await answerWithFault(response, fault, () => service.perform(operation, body), refuse);
}

/** The sender, in the form that S3 expects. */
function senderOf(identity: Identity): Sender {
  switch (identity.kind) {
    case 'anonymous':
      return { kind: 'known', accessKeyId: undefined, chunks: undefined };
    case 'verified':
      return {
        kind: 'known',
        accessKeyId: identity.accessKeyId,
        chunks: identity.chunks && verifyChunks(identity.chunks),
      };
    case 'refused':
      return { kind: 'refused', error: s3RefusalOf(identity) };
  }
}

/** The body as text. It has been read already if it was part of the signature. */
async function bodyOf(request: IncomingMessage, identity: Identity): Promise<string> {
  const body = identity.kind === 'verified' ? identity.body : undefined;
  if (body === undefined) return text(request);
  request.resume();
  return body.toString();
}

async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  services: GatewayServices,
  identify: Identify,
): Promise<void> {
  const { headers } = request;
  const identity = await identify(request);
  const service = identity.kind === 'anonymous' ? undefined : identity.service;
  const caller = identity.kind === 'verified' ? identity.caller : undefined;
  const protocol = protocolOf(request, service);
  const refuse = (status: number, code: string, message: string) => {
    request.resume();
    send(response, errorIn(protocol, status, code, message));
  };
  if (!isLoopbackHost(headers.host) || isFromForeignPage(headers, caller !== undefined)) {
    return refuse(421, 'MisdirectedRequest', onlyFromHere);
  }

  const path = request.url?.split('?')[0] ?? '/';
  const toBucketHost = isBucketHost(headers.host);
  if (!toBucketHost && path.startsWith(functionUrlPath)) {
    // A function URL's handler may expect its own credentials in the Authorization header.
    const isForFunction = identity.kind === 'refused' && identity.fault === 'other-mechanism';
    if (identity.kind !== 'refused' || isForFunction) return services.functionUrls(request, response, caller);
  }
  if (!toBucketHost && path === tracesPath) {
    return services.traces.show(
      request,
      response,
      isAdministrator(headers, caller, services.credentials.admin),
    );
  }

  if (!toBucketHost && (path === controlPath || path.startsWith(`${controlPath}/`))) {
    return services.control(request, response, isAdministrator(headers, caller, services.credentials.admin));
  }

  const target = typeof headers['x-amz-target'] === 'string' ? headers['x-amz-target'] : undefined;
  const isToS3 = service === 's3' || (service === undefined && !isForm(headers['content-type']));
  if (target === undefined && isToS3) return services.s3(request, response, senderOf(identity));
  if (identity.kind === 'refused') {
    const { status, code, message } = refusalOf(identity, protocol);
    return refuse(status, code, message);
  }

  const jsonService = services.json.find((one) => target?.startsWith(one.target));
  if (target !== undefined && !jsonService) {
    return refuse(501, 'NotImplemented', `${target} is not supported by the local cloud.`);
  }
  if (caller === undefined) {
    const { status, code, message } = missingToken(protocol);
    return refuse(status, code, message);
  }
  if (target !== undefined && jsonService) {
    const operation = target.slice(jsonService.target.length);
    const call = { operation, body: (await bodyOf(request, identity)) || '{}' };
    return serveJson(jsonService, services, call, caller, response);
  }
  if (service === 'lambda') return services.lambda(request, response, caller);
  if (service === 'sts') return services.sts(request, response, caller);
  if (service === 'monitoring' || service === 'cloudformation') {
    return services[service](request, response, caller);
  }
  if (service === 'xray') return services.traces.take(request, response, caller);
  if (service === 'sqs' && protocol === 'query') {
    return serveJson(services.sqsQuery, services, readForm(await text(request)), caller, response);
  }
  refuse(
    501,
    'NotImplemented',
    `The local cloud does not support the service ${service ?? ''} with that protocol.`,
  );
}

/**
 * Opens the single port for clients, on the loopback interface. Serving is a second step, because services need the
 * endpoint (queue URLs contain it).
 *
 * @param port 0 for any free port
 */
export async function openGateway(port: number, onUnexpected: (error: unknown) => void): Promise<Gateway> {
  const { promise: services, resolve: serve } = Promise.withResolvers<GatewayServices>();
  const ready = services.then((all) => ({ all, identify: createIdentify(all.credentials) }));
  const underWay = new Set<Promise<void>>();
  let isCut = false;
  const server = createHttpServer((request, response) => {
    const call = ready
      .then(({ all, identify }) => dispatch(request, response, all, identify))
      .catch((error: unknown) => {
        if (request.destroyed && !request.complete) return; // The client disconnected during its request.
        if (isCut) return void response.destroy(); // The cloud is stopping.
        onUnexpected(error);
        if (response.headersSent) response.destroy();
        else
          send(
            response,
            errorIn(
              protocolOf(request, undefined),
              500,
              'InternalFailure',
              'Internal error of the local cloud; see its log.',
            ),
          );
      })
      .finally(() => underWay.delete(call));
    underWay.add(call);
  });
  // No timeouts: uploads can take long, and idle connections may stay open. Clients decide.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;

  const closed = new Promise<void>((resolve) => server.once('close', resolve));

  function cut(): void {
    if (isCut) return;
    isCut = true;
    server.close();
    server.closeAllConnections();
  }

  async function close(): Promise<void> {
    cut();
    await closed;
    const enough = new AbortController();
    const longest = sleep(longestEndMs, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([Promise.all(underWay), longest]);
    enough.abort();
  }

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    serve,
    cut,
    close,
  };
}
