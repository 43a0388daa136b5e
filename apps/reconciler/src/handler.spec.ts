import { SystemFault } from '@data-aggregator/shared-processing/errors';
import { invokeHandler } from '@data-aggregator/shared-processing/testing';
import type { Context } from 'aws-lambda';
import scheduledEvent from '../events/sample.json' with { type: 'json' };
import { ReconcileRequestError } from './request.ts';
import { type Aws, startAws } from './testing/aws.ts';
import { DAY, HOUR, MINUTE } from './testing/harness.ts';

let aws: Aws;
let handler: (event: unknown, context: Context) => Promise<unknown>;
let now: number;

beforeAll(async () => {
  aws = await startAws();
  Object.assign(process.env, {
    LANDING_BUCKET: 'landing',
    DISTRIBUTION_BUCKET: 'distribution',
    ARCHIVE_BUCKET: 'archive',
    LEDGER_TABLE: 'ledger',
    QUEUE_URL: `${aws.endpoint}/queue`,
    CLAIM_RETENTION_DAYS: '21',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${aws.endpoint}/v1/traces`,
  });
  ({ handler } = await import('./handler.ts'));
});
beforeEach(() => {
  now = Date.UTC(2026, 10, 22);
  aws.reset();
  aws.landed = { key: 'a', at: now - HOUR };
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => aws.stop());

function invoke(event: unknown, msLeft = 15 * MINUTE) {
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  return invokeHandler(handler, event, msLeft);
}

describe('the reconciler', () => {
  it.each([
    ['on schedule', scheduledEvent],
    ['on request', {}],
  ])('requeues %s what the ledger does not know', async (_, event) => {
    const { result } = await invoke(event);
    expect(result).toMatchObject({ value: { done: true, counts: { lost: 1, requeued: 1 } } });
    expect(result).toMatchObject({ value: { from: new Date(now - 20 * DAY).toISOString() } });
    expect(aws.sent).toEqual([expect.stringContaining('"key":"a"')]);
  });

  it('requeues an object that is older than three minutes, and again after six hours', async () => {
    const requeuedAfter = async (ms: number) => {
      now += ms;
      await invoke(scheduledEvent);
      return aws.sent.splice(0).length;
    };
    aws.landed.at = now - 3 * MINUTE;
    await expect(requeuedAfter(0)).resolves.toBe(0);
    aws.landed.at = now - HOUR;
    aws.reset();
    await expect(requeuedAfter(0)).resolves.toBe(1);
    await expect(requeuedAfter(6 * HOUR - 1)).resolves.toBe(0);
    await expect(requeuedAfter(1)).resolves.toBe(1);
  });

  it.each([
    ['a minute before its timeout', 15 * MINUTE, MINUTE, 14],
    ['early enough in a short invocation', MINUTE, 14_000, 3],
  ])('stops starting pages %s', async (_, msLeft, pageMs, expected) => {
    let pages = 0;
    aws.onPage = () => {
      now += pageMs;
      return ++pages < 100;
    };
    const { result } = await invoke({ dryRun: true }, msLeft);
    expect(result).toMatchObject({ value: { done: false } });
    expect(pages).toBe(expected);
  });

  it('writes its metrics, and the id of the invocation in every line of its log', async () => {
    const { lines } = await invoke(scheduledEvent);
    expect(lines.filter((line) => '_aws' in line)).toMatchObject([{ service: 'reconciler', Lost: 1 }]);
    const log = lines.filter((line) => 'message' in line);
    expect(log.length).toBeGreaterThan(0);
    for (const line of log) expect(line).toMatchObject({ service: 'reconciler', requestId: 'request' });
  });

  it('fails, and logs why, if the queue accepts nothing', async () => {
    aws.isQueueOpen = false;
    const { result, lines } = await invoke(scheduledEvent);
    expect(result).toEqual({ status: 'rejected', reason: expect.any(SystemFault) });
    expect(lines).toMatchObject([
      { message: 'messages.unsent', queueUrl: `${aws.endpoint}/queue` },
      { message: 'reconcile.failed' },
    ]);
  });

  it('fails if it cannot understand a request', async () => {
    const { result, lines } = await invoke({ form: '2026-11-22T09:00:00Z' });
    expect(result).toEqual({ status: 'rejected', reason: expect.any(ReconcileRequestError) });
    expect(lines).toMatchObject([{ message: 'reconcile.failed' }]);
  });

  it.each([
    ['timer', scheduledEvent],
    ['other', {}],
  ])('is a span of a trace that Lambda samples, with the trigger %j', async (trigger, event) => {
    process.env['_X_AMZN_TRACE_ID'] =
      'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    await invoke(event);
    delete process.env['_X_AMZN_TRACE_ID'];
    const [{ resourceSpans } = {}] = aws.spans.map((document) => JSON.parse(document));
    expect(resourceSpans[0].scopeSpans[0].spans[0]).toMatchObject({
      name: 'reconciler',
      attributes: expect.arrayContaining([{ key: 'faas.trigger', value: { stringValue: trigger } }]),
    });
  });
});
