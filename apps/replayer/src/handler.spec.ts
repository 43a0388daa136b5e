import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { invokeHandler, type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import type { Context } from 'aws-lambda';
import type { ReplayResult } from './result.ts';

let aws: StandIn;
let handler: (event: unknown, context: Context) => Promise<ReplayResult>;
/** Milliseconds that each response of S3 takes. */
let msPerResponse = 0;
let traces: string[];

beforeAll(async () => {
  // An S3 without objects, and a collector of traces.
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === '/traces') {
      traces.push(body);
      response.end('{}');
      return;
    }
    const passed = Date.now() + msPerResponse;
    jest.spyOn(Date, 'now').mockReturnValue(passed);
    response
      .writeHead(404, { 'x-amz-request-id': '1' })
      .end('<Error><Code>NoSuchKey</Code><RequestId>1</RequestId></Error>');
  });
  aws = await standInForAws(server);
  Object.assign(process.env, {
    LANDING_BUCKET: 'landing',
    DISTRIBUTION_BUCKET: 'distribution',
    ARCHIVE_BUCKET: 'archive',
    LEDGER_TABLE: 'ledger',
    CONCURRENCY: '1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${aws.endpoint}/traces`,
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  });
  // It reads its settings when it is loaded.
  ({ handler } = await import('./handler.ts'));
});
beforeEach(() => {
  msPerResponse = 0;
  traces = [];
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => aws.stop());

const request = { requestId: 'r', bundles: ['bundles/a', 'bundles/b', 'bundles/c'] };

function invoke(event: unknown, msLeft = 100_000) {
  return invokeHandler(handler, event, msLeft);
}

describe('the replayer', () => {
  it.each([
    ['all bundles while it has time', 25_000, 100_000, 3],
    ['no more bundles once it has only the time that the last ones may need', 35_000, 100_000, 2],
    ['at least one bundle, so that a continued request ends', 0, 0, 1],
  ])('processes %s', async (_, ms, msLeft, missing) => {
    msPerResponse = ms;
    const { result } = await invoke(request, msLeft);
    expect(result).toMatchObject({
      status: 'fulfilled',
      value: { counts: { missing }, done: missing === 3 },
    });
  });

  it('writes its metrics, its log and its trace under its name', async () => {
    const { lines } = await invoke(request);
    const [metrics, ...others] = lines.filter((line) => '_aws' in line);
    expect([metrics, others]).toMatchObject([{ service: 'replayer', ReplaysFailed: 3 }, []]);
    const log = lines.filter((line) => 'message' in line);
    expect(log.length).toBeGreaterThan(0);
    for (const line of log) expect(line).toMatchObject({ service: 'replayer', requestId: 'request' });
    expect(traces).toEqual([expect.stringContaining('"name":"replayer"')]);
  });

  it('rejects what is not a request', async () => {
    const { result, lines } = await invoke({ requestId: 'r' });
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'ReplayRequestError' } });
    expect(lines).toMatchObject([{ level: 'ERROR', message: 'replay.failed' }]);
  });
});
