import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import { accountId } from '../assembly/identity.ts';
import type { FunctionUrlModel } from '../assembly/model.ts';
import type { Functions } from '../lambda/functions.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import type { Route } from './api-services.ts';
import { functionUrlPath } from './gateway.ts';

const httpResponse = v.looseObject({
  statusCode: v.number(),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
}

/** The event in payload format 2.0. */
async function eventOf(request: IncomingMessage, url: URL, path: string): Promise<string> {
  const body = await buffer(request);
  const time = new Date();
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: url.search.slice(1),
    headers: headersOf(request),
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: {
      accountId,
      apiId: 'local',
      domainName: url.host,
      domainPrefix: 'local',
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: time.toUTCString(),
      timeEpoch: time.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  });
}

/** Converts a function's result to HTTP: an explicit response as it is, anything else as a JSON document. */
function responseOf(payload: string): { status: number; headers: Record<string, string>; body: Buffer } {
  const json: unknown = JSON.parse(payload);
  const parsed = v.safeParse(httpResponse, json);
  if (!parsed.success) {
    const body = Buffer.from(typeof json === 'string' ? json : payload);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers, body, isBase64Encoded } = parsed.output;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Serves `/_url/<function>/…`, the local form of a function URL. */
export function functionUrls(
  urls: readonly FunctionUrlModel[],
  functions: Functions,
  authorizer: Authorizer,
): Route {
  return async (request, response, caller) => {
    const refuse = (status: number, Message: string) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ Message }));
    };
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    const [name = '', ...rest] = url.pathname.slice(functionUrlPath.length).split('/');
    const runner = functions.find(decodeURIComponent(name));
    const configured = urls.find(({ functionArn }) => functionArn === runner?.model.arn);
    if (!runner || !configured) return refuse(404, `There is no function URL for ${name}.`);
    if (configured.auth === 'AWS_IAM') {
      const allowed =
        caller !== undefined &&
        authorizer.authorize({ caller, action: 'lambda:InvokeFunctionUrl', resource: runner.model.arn })
          .allowed;
      if (!allowed) return refuse(403, 'Forbidden');
    }
    const result = await runner.invoke(await eventOf(request, url, `/${rest.join('/')}`));
    if (result.kind === 'error') return refuse(502, 'Internal Server Error');
    const { status, headers, body } = responseOf(result.payload);
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  };
}
