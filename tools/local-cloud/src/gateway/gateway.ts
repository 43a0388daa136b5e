import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '../services/authority.ts';
import { type Collector, tracesPath } from '../traces/collector.ts';
import { jsonError, send } from './answer.ts';
import { credentialScope, type Caller, type CredentialStore } from './credentials.ts';
import { denialMessage, firstDenial, type Denial } from './denial.ts';
import { answerWithFault, type FaultHooks } from './faults.ts';
import type { JsonService } from './json-services.ts';

/** Serves a request of which it takes care by itself. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller | undefined,
) => Promise<void>;

export interface GatewayServices {
  readonly credentials: CredentialStore;
  readonly authority: Authority;
  readonly faults: FaultHooks;
  readonly onDenied: (denial: Denial) => void;
  readonly sqs: JsonService;
  readonly dynamodb: JsonService;
  readonly events: JsonService;
  readonly logs: JsonService;
  readonly cloudwatch: JsonService;
  /** CloudWatch over other protocols than JSON. */
  readonly monitoring: Route;
  readonly cloudformation: Route;
  readonly s3: Route;
  readonly lambda: Route;
  readonly sts: Route;
  readonly functionUrls: Route;
  readonly traces: Collector;
}

export interface Gateway {
  readonly endpoint: string;
  /** Starts serving; before that, requests wait. */
  readonly serve: (services: GatewayServices) => void;
  /** Takes nothing more, and cuts all connections. */
  readonly cut: () => void;
  /** Does the same, and waits for what is still being done for those who called. */
  readonly close: () => Promise<void>;
}

/** Calls that take longer than this to find out that they are cut off are not waited for, in ms. */
const longestEndMs = 2_000;

/** The path that function URLs begin with. No bucket can have this name. */
export const functionUrlPath = '/_url/';

const targets: readonly (readonly [prefix: string, service: JsonService['id']])[] = [
  ['AmazonSQS.', 'sqs'],
  ['DynamoDB_20120810.', 'dynamodb'],
  ['AWSEvents.', 'events'],
  ['Logs_20140328.', 'logs'],
  ['GraniteServiceVersion20100801.', 'cloudwatch'],
];

async function serveJson(
  service: JsonService,
  { authority, faults, onDenied }: GatewayServices,
  operation: string,
  caller: Caller | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, code: string, message = `${operation}: ${code}`) =>
    service.error(status, code, message);
  const body = (await text(request)) || '{}';
  if (!caller) {
    const [status, code] =
      service.id === 'sqs'
        ? ([403, 'InvalidClientTokenId'] as const)
        : ([400, 'UnrecognizedClientException'] as const);
    return send(response, refuse(status, code, 'The access key id is not known.'));
  }
  let needs: ReturnType<JsonService['needs']>;
  try {
    needs = service.needs(operation, body);
  } catch {
    return send(response, refuse(400, 'SerializationException', `The body of ${operation} cannot be read.`));
  }
  if (!needs)
    return send(response, refuse(501, 'NotImplemented', `${operation} is not done by the local cloud.`));
  const denial = firstDenial(authority, caller, needs.permissions);
  if (denial) {
    onDenied(denial);
    const code = service.id === 'sqs' ? 'AccessDenied' : 'AccessDeniedException';
    return send(response, refuse(service.id === 'sqs' ? 403 : 400, code, denialMessage(denial)));
  }
  const roleName = caller.kind === 'role' ? caller.role.name : undefined;
  const hook = service.id === 'sqs' || service.id === 'dynamodb' ? faults[service.id] : undefined;
  const fault = await hook?.({ operation, resource: needs.name, roleName, body });
  await answerWithFault(response, fault, () => service.perform(operation, body), refuse);
}

async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  services: GatewayServices,
): Promise<void> {
  const scope = credentialScope(request.headers.authorization);
  const caller = scope === undefined ? undefined : services.credentials.callerOf(scope.accessKeyId);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [prefix, id] = targets.find(([start]) => target.startsWith(start)) ?? [];
    if (prefix !== undefined && id !== undefined) {
      return serveJson(services[id], services, target.slice(prefix.length), caller, request, response);
    }
    return send(response, jsonError(501, 'NotImplemented', `${target} is not done by the local cloud.`));
  }
  if (request.url?.startsWith(functionUrlPath)) return services.functionUrls(request, response, caller);
  if (request.url?.split('?')[0] === tracesPath) return services.traces.show(request, response);
  switch (scope?.service) {
    case 's3':
    case undefined:
      return services.s3(request, response, caller);
    case 'lambda':
      return services.lambda(request, response, caller);
    case 'sts':
      return services.sts(request, response, caller);
    case 'monitoring':
    case 'cloudformation':
      return services[scope.service](request, response, caller);
    case 'xray':
      return services.traces.take(request, response, caller);
    default:
      request.resume();
      return send(
        response,
        jsonError(
          501,
          'NotImplemented',
          `The local cloud has no service ${scope?.service ?? ''} of that protocol.`,
        ),
      );
  }
}

/**
 * Opens the one port that clients talk to, on the loopback interface. The endpoint has to be known before there are
 * services (queue URLs contain it), hence two steps.
 *
 * @param port 0 for any that is free
 */
export async function openGateway(port: number, onUnexpected: (error: unknown) => void): Promise<Gateway> {
  const { promise: services, resolve: serve } = Promise.withResolvers<GatewayServices>();
  const underWay = new Set<Promise<void>>();
  let isCut = false;
  const server = createServer((request, response) => {
    const call = services
      .then((ready) => dispatch(request, response, ready))
      .catch((error: unknown) => {
        if (request.destroyed && !request.complete) return; // The client has gone in the middle of its request.
        if (isCut) return void response.destroy(); // Its service has gone.
        onUnexpected(error);
        if (response.headersSent) response.destroy();
        else
          send(response, jsonError(500, 'InternalFailure', 'The local cloud has failed; its log says how.'));
      })
      .finally(() => underWay.delete(call));
    underWay.add(call);
  });
  // An upload may take its time, and an idle connection may wait: clients decide.
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
