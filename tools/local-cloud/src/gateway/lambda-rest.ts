import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FunctionModel } from '../assembly/model.ts';
import type { FunctionRunner } from '../lambda/function-runner.ts';
import type { Functions } from '../lambda/functions.ts';
import type { Authority } from '../services/authority.ts';
import { send, type Answer } from './answer.ts';
import type { Caller } from './credentials.ts';
import { denialMessage, denialOf, type Denial } from './denial.ts';
import type { Route } from './gateway.ts';

export interface LambdaRestOptions {
  readonly functions: Functions;
  readonly authority: Authority;
  readonly onDenied: (denial: Denial) => void;
  /** The last lines of an invocation. */
  readonly logTail: (functionName: string, requestId: string) => string;
}

type Operation = 'Invoke' | 'GetFunction' | 'GetFunctionConfiguration' | 'ListFunctions';

/** The one version that there is: the templates neither publish versions nor name them by aliases. */
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

/**
 * The version or alias that a request asks for: at the end of the function's name or ARN, or as a parameter.
 *
 * @returns undefined if the two differ
 */
function qualifierOf(name: string, search: string): { qualifier: string } | undefined {
  const [, inName] = /^(?:arn:[^:]*:lambda:[^:]*:\d{12}:function:)?[^:]+:([^:]+)$/.exec(name) ?? [];
  const asParameter = new URLSearchParams(search).get('Qualifier') ?? undefined;
  if (inName !== undefined && asParameter !== undefined && inName !== asParameter) return undefined;
  return { qualifier: inName ?? asParameter ?? latest };
}

/** The functions' own API: Invoke, and reading what functions there are. */
export function lambdaRest({ functions, authority, onDenied, logTail }: LambdaRestOptions): Route {
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

  async function perform(request: IncomingMessage, caller: Caller | undefined): Promise<Answer> {
    if (!caller)
      return refusal(
        403,
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    const [path = '', search = ''] = (request.url ?? '').split('?');
    const found = operationOf(request.method, path);
    if (!found)
      return refusal(
        501,
        'NotImplemented',
        `${request.method ?? ''} ${path} is not done by the local cloud.`,
      );
    const { operation, name } = found;
    const runner = functions.find(name);
    const action = `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`;
    const resource = operation === 'ListFunctions' ? '*' : (runner?.model.arn ?? name);
    const decision = authority.ask({ caller, action, resource });
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
