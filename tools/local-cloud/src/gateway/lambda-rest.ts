import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { ApiError, type Api } from '../apis/api.ts';
import type { FunctionModel } from '../assembly/model.ts';
import type { FunctionRunner } from '../lambda/function-runner.ts';
import type { Functions } from '../lambda/functions.ts';
import { send, type Answer } from './answer.ts';
import type { Caller } from '../iam/credentials.ts';
import { type Guard, inSeconds, performFor } from './api-services.ts';
import { denialMessage, denialOf } from './denial.ts';
import type { Route } from './api-services.ts';

export interface LambdaRestOptions extends Guard {
  readonly functions: Functions;
  /** Operations on event source mappings. */
  readonly mappings: Api;
  /** The last log lines of an invocation. */
  readonly logTail: (functionName: string, requestId: string) => string;
}

type Operation = 'Invoke' | 'GetFunction' | 'GetFunctionConfiguration' | 'ListFunctions';

/** The only version, because the templates neither publish versions nor define aliases. */
const latest = '$LATEST';

const maxPayloadBytes = 6 * 1024 * 1024;

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

function refusal(status: number, type: string, message: string): Answer {
  return answer(status, { Type: 'User', Message: message, message }, { 'x-amzn-errortype': type });
}

function configuration({ name, arn, ...model }: FunctionModel) {
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: 'nodejs24.x',
    Role: model.roleArn,
    Handler: model.handler,
    Timeout: model.timeoutSeconds,
    MemorySize: model.memoryMb,
    Version: latest,
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Variables: model.environment },
    LoggingConfig: { LogFormat: model.logFormat, LogGroup: model.logGroup },
  };
}

function operationOf(
  method: string | undefined,
  path: string,
): { operation: Operation; name: string } | undefined {
  const [, name, rest] = /^\/2015-03-31\/functions(?:\/([^/]*)(?:\/(.+))?)?\/?$/.exec(path) ?? [];
  if (method === 'POST' && name && rest === 'invocations')
    return { operation: 'Invoke', name: decodeURIComponent(name) };
  if (method !== 'GET') return undefined;
  if (name && rest === undefined) return { operation: 'GetFunction', name: decodeURIComponent(name) };
  if (name && rest === 'configuration') {
    return { operation: 'GetFunctionConfiguration', name: decodeURIComponent(name) };
  }
  return !name && path.startsWith('/2015-03-31/functions')
    ? { operation: 'ListFunctions', name: '' }
    : undefined;
}

/** Maps method, path and query to an operation on event source mappings; undefined for anything else. */
function mappingCallOf(
  method: string | undefined,
  path: string,
  search: string,
): { operation: string; input: Record<string, unknown> } | undefined {
  const [, uuid] = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/.exec(path) ?? ['', undefined];
  if (!path.startsWith('/2015-03-31/event-source-mappings')) return undefined;
  if (!uuid) {
    const input = Object.fromEntries(new URLSearchParams(search));
    return method === 'GET' ? { operation: 'ListEventSourceMappings', input } : undefined;
  }
  const input = { UUID: decodeURIComponent(uuid) };
  if (method === 'GET') return { operation: 'GetEventSourceMapping', input };
  return method === 'PUT' ? { operation: 'UpdateEventSourceMapping', input } : undefined;
}

/**
 * The version or alias that a request asks for, at the end of the function's name or ARN, or as a parameter.
 *
 * @returns undefined if the two differ
 */
function qualifierOf(name: string, search: string): { qualifier: string } | undefined {
  const [, inName] = /^(?:arn:[^:]*:lambda:[^:]*:\d{12}:function:)?[^:]+:([^:]+)$/.exec(name) ?? [];
  const asParameter = new URLSearchParams(search).get('Qualifier') ?? undefined;
  if (inName !== undefined && asParameter !== undefined && inName !== asParameter) return undefined;
  return { qualifier: inName ?? asParameter ?? latest };
}

/** Lambda's API: Invoke, operations that describe functions, and event source mappings. */
export function lambdaRest({ functions, mappings, logTail, ...guard }: LambdaRestOptions): Route {
  const { authorizer, onDenied } = guard;

  async function invoke(request: IncomingMessage, runner: FunctionRunner): Promise<Answer> {
    const payload = (await text(request)) || '{}';
    if (Buffer.byteLength(payload) > maxPayloadBytes) {
      return refusal(
        413,
        'RequestTooLargeException',
        `Request must be smaller than ${maxPayloadBytes} bytes.`,
      );
    }
    try {
      JSON.parse(payload);
    } catch {
      return refusal(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
    }
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'DryRun') return answer(204, '');
    if (type === 'Event') {
      functions.invokeAsync(runner, payload);
      return answer(202, '');
    }
    const { reservedConcurrency } = runner.model;
    if (reservedConcurrency !== undefined && runner.running() >= reservedConcurrency) {
      return refusal(429, 'TooManyRequestsException', 'Rate Exceeded.');
    }
    const result = await runner.invoke(payload);
    const tail =
      request.headers['x-amz-log-type'] === 'Tail' ? logTail(runner.model.name, result.requestId) : undefined;
    return answer(200, result.payload, {
      'x-amz-executed-version': latest,
      'x-amzn-requestid': result.requestId,
      ...(result.kind === 'error' ? { 'x-amz-function-error': 'Unhandled' } : {}),
      ...(tail === undefined
        ? {}
        : { 'x-amz-log-result': Buffer.from(tail).subarray(-4096).toString('base64') }),
    });
  }

  async function performOnMapping(
    call: NonNullable<ReturnType<typeof mappingCallOf>>,
    request: IncomingMessage,
    caller: Caller,
  ): Promise<Answer> {
    const body = await text(request);
    let members: object;
    try {
      members = body === '' ? {} : v.parse(v.record(v.string(), v.unknown()), JSON.parse(body));
    } catch {
      return refusal(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
    }
    const asked = { api: mappings, name: call.operation, input: { ...members, ...call.input } };
    try {
      const result = await performFor(caller, asked, guard, 'AccessDeniedException');
      return answer(call.operation === 'UpdateEventSourceMapping' ? 202 : 200, inSeconds(result));
    } catch (error) {
      if (error instanceof ApiError) return refusal(error.status, error.code, error.message);
      throw error;
    }
  }

  async function perform(request: IncomingMessage, caller: Caller | undefined): Promise<Answer> {
    if (!caller)
      return refusal(
        403,
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    const [path = '', search = ''] = (request.url ?? '').split('?');
    const mappingCall = mappingCallOf(request.method, path, search);
    if (mappingCall) return performOnMapping(mappingCall, request, caller);
    const found = operationOf(request.method, path);
    if (!found)
      return refusal(
        501,
        'NotImplemented',
        `${request.method ?? ''} ${path} is not supported by the local cloud.`,
      );
    const { operation, name } = found;
    const runner = functions.find(name);
    const action = `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`;
    const resource = operation === 'ListFunctions' ? '*' : (runner?.model.arn ?? name);
    const decision = authorizer.authorize({ caller, action, resource });
    if (!decision.allowed) {
      const denial = denialOf(caller, action, resource, decision);
      onDenied(denial);
      return refusal(403, 'AccessDeniedException', denialMessage(denial));
    }
    if (operation === 'ListFunctions') {
      return answer(200, { Functions: functions.all().map(({ model }) => configuration(model)) });
    }
    if (!runner) return refusal(404, 'ResourceNotFoundException', `Function not found: ${name}`);
    const asked = qualifierOf(name, search);
    if (!asked) {
      const said = 'The derived qualifier from the function name does not match the specified qualifier.';
      return refusal(400, 'InvalidParameterValueException', said);
    }
    if (asked.qualifier !== latest) {
      const version = `${runner.model.arn}:${asked.qualifier}`;
      return refusal(404, 'ResourceNotFoundException', `Function not found: ${version}`);
    }
    if (operation === 'Invoke') return invoke(request, runner);
    const Configuration = configuration(runner.model);
    return answer(
      200,
      operation === 'GetFunction' ? { Configuration, Code: { RepositoryType: 'S3' } } : Configuration,
    );
  }

  return async (request, response, caller) => {
    const result = await perform(request, caller);
    request.resume();
    send(response, result);
  };
}
