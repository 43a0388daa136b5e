import { createServer } from 'node:http';
import { SystemFault } from '@data-aggregator/shared-processing/errors';
import { invokeHandler, type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { DirectInvocationError } from '../handle.ts';
import { recordOf } from '../testing/landed.ts';
import { createBundlingHandler } from './handler.ts';

let aws: StandIn;
beforeAll(async () => {
  // A DynamoDB without the ledger's table.
  const server = createServer((_request, response) =>
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' })
      .end(JSON.stringify({ __type: 'ResourceNotFoundException' })),
  );
  aws = await standInForAws(server);
});
afterAll(() => aws.stop());

function invoke(event: unknown, msLeft = 60_000) {
  const handler = createBundlingHandler('aggregator', {
    LANDING_BUCKET: 'landing',
    DISTRIBUTION_BUCKET: 'distribution',
    ARCHIVE_BUCKET: 'archive',
    LEDGER_TABLE: 'ledger',
    QUEUE_URL: `${aws.endpoint}/queue`,
    DEAD_LETTER_QUEUE_URL: `${aws.endpoint}/dead-letters`,
    CLAIM_RETENTION_DAYS: '21',
  });
  return invokeHandler(handler, event, msLeft);
}

const removal = { Records: [{ eventName: 'ObjectRemoved:Delete' }] };
const batch = {
  Records: [
    {
      messageId: 'm',
      receiptHandle: 'r',
      eventSource: 'aws:sqs',
      attributes: {},
      body: JSON.stringify(removal),
    },
  ],
};

describe('a bundling function', () => {
  it('answers the event source mapping with the messages that return to the queue', async () => {
    expect((await invoke(batch)).result).toEqual({ status: 'fulfilled', value: { batchItemFailures: [] } });
  });

  it('answers a direct invocation with its bundles', async () => {
    expect((await invoke(removal)).result).toEqual({
      status: 'fulfilled',
      value: { bundles: [], bundled: 0, duplicates: 0 },
    });
  });

  it('writes its metrics, and the id of the invocation in every line of its log', async () => {
    const { lines } = await invoke(batch);
    const [metrics, ...others] = lines.filter((line) => '_aws' in line);
    expect([metrics, others]).toMatchObject([{ service: 'aggregator', Bundled: 0 }, []]);
    const log = lines.filter((line) => 'message' in line);
    expect(log.length).toBeGreaterThan(0);
    for (const line of log) expect(line).toMatchObject({ service: 'aggregator', requestId: 'request' });
  });

  it.each([
    ['begins no bundle without time', 0, DirectInvocationError],
    ['claims objects as long as it has time', 60_000, SystemFault],
  ])('%s', async (_, msLeft, error) => {
    const record = recordOf('a.txt', {
      content: Buffer.from('x'),
      versionId: 'v1',
      etag: 'e',
      metadata: {},
      lastModified: 0,
    });
    const { result } = await invoke({ Records: [record] }, msLeft);
    expect(result).toEqual({ status: 'rejected', reason: expect.any(error) });
  });
});
