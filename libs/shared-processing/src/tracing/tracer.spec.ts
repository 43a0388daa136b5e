import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { recordingLog } from '../observability/testing/index.ts';
import { expectedSignature, readAuthorization, type ReceivedRequest } from '../aws-http/testing/signature.ts';
import { createTracer, invocationSpan, noSpan } from './index.ts';

const environment = { ...process.env };
const secret = 'a secret';
let server: Server;
let requests: ReceivedRequest[];
let answer: (response: ServerResponse) => void;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['AWS_REGION'] = 'eu-west-2';
  process.env['AWS_ACCESS_KEY_ID'] = 'key';
  process.env['AWS_SECRET_ACCESS_KEY'] = secret;
});

beforeEach(() => {
  requests = [];
  answer = (response) => response.end('{}');
  env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    AWS_LAMBDA_FUNCTION_NAME: 'data-aggregator-dev-worker',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/data-aggregator/dev/worker',
  };
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  process.env = environment;
});

const invocation = (msLeft = 30_000) => ({ awsRequestId: 'r1', getRemainingTimeInMillis: () => msLeft });
const rootSpan = () => invocationSpan('timer', 'worker');
const never = () => {
  throw new Error('asked for nothing');
};

describe('a tracer', () => {
  it.each([
    ['has no endpoint', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined }],
    ['has an empty endpoint', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '' }],
    [
      'runs in an invocation that Lambda did not sample',
      { _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0' },
    ],
    ['has no trace header', { _X_AMZN_TRACE_ID: undefined }],
  ])('records nothing if it %s', async (_name, variables) => {
    const tracer = createTracer(recordingLog(), { ...env, ...variables });
    await expect(tracer.invocation(invocation(), never, async (span) => span)).resolves.toBe(noSpan);
    expect(requests).toEqual([]);
  });

  it('logs an invalid endpoint once, and is off', async () => {
    const log = recordingLog();
    const tracer = createTracer(log, { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'xray' });
    await tracer.invocation(invocation(), never, async () => undefined);
    expect(log.events).toMatchObject([{ level: 'warn', event: 'traces.off' }]);
  });

  it('sends spans as OTLP, signed for X-Ray', async () => {
    const log = recordingLog();
    const tracer = createTracer(log, env);
    const work = () =>
      tracer.invocation(invocation(), rootSpan, (span) => span.child('é', {}, async () => 5));
    await expect(work()).resolves.toBe(5);
    await work();
    expect(log.events).toEqual([]);
    expect(requests).toHaveLength(2);
    const [request] = requests as [ReceivedRequest];
    expect(request).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(request.headers['content-type']).toBe('application/json');
    const { accessKey, scope, signedHeaders, signature } = readAuthorization(request);
    expect(accessKey).toBe('key');
    expect(scope).toMatch(/^\d{8}\/eu-west-2\/xray\/aws4_request$/);
    expect(signature).toBe(expectedSignature(request, { scope, signedHeaders, secret }));

    const [{ resource, scopeSpans }] = JSON.parse(request.body).resourceSpans;
    expect(resource.attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'data-aggregator-dev-worker' } },
        { key: 'faas.max_memory', value: { intValue: '536870912' } },
        {
          key: 'aws.log.group.names',
          value: { arrayValue: { values: [{ stringValue: '/data-aggregator/dev/worker' }] } },
        },
      ]),
    );
    expect(scopeSpans[0].spans).toMatchObject([
      { name: 'worker', parentSpanId: '53995c3f42cd8ad8' },
      { name: 'é', traceId: '5759e988bd862e3fe1be46a994272793' },
    ]);
    const starts = requests.map(({ body }) => /"faas.coldstart","value":\{"boolValue":(\w+)/.exec(body)?.[1]);
    expect(starts).toEqual(['true', 'false']);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['is refused', (response) => response.writeHead(403).end('not authorized to perform: xray:X'), 'xray:X'],
    [
      'is accepted in part',
      (response) => response.end('{"partialSuccess":{"rejectedSpans":"1"}}'),
      'rejectedSpans',
    ],
    ['gets no response', () => undefined, 'abort'],
    ['gets an endless response', (response) => response.writeHead(200).write('{'), 'abort'],
    ['breaks', (response) => response.destroy(), 'socket hang up'],
  ])('logs a warning within a second if the request %s', async (_name, answering, said) => {
    answer = answering;
    const log = recordingLog();
    const tracer = createTracer(log, env);
    const startSpan = performance.now();
    await expect(tracer.invocation(invocation(), rootSpan, async () => 'done')).resolves.toBe('done');
    expect(performance.now() - startSpan).toBeLessThan(5_000);
    expect(log.events).toEqual([
      { level: 'warn', event: 'trace.unsent', fields: { spans: 1, error: expect.anything() } },
    ]);
    expect(String(log.events[0]?.fields['error'])).toContain(said);
  });

  it('sends nothing when the deadline is near, and keeps the error of the work', async () => {
    const log = recordingLog();
    const tracer = createTracer(log, env);
    const failing = tracer.invocation(invocation(150), rootSpan, () =>
      Promise.reject(new RangeError('broken')),
    );
    await expect(failing).rejects.toThrow(RangeError);
    expect(log.events).toMatchObject([{ event: 'trace.unsent' }]);
    expect(requests).toEqual([]);
  });
});
