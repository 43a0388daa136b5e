import { createServer } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { exit } from '../errors/index.ts';
import { findResources } from './resources.ts';

let aws: StandIn;
let lambda: LambdaClient;
/** The variables of each function; a status for one whose settings cannot be read. */
let functions: Record<string, Record<string, string> | number>;

const aggregator = {
  LANDING_BUCKET: 'landing',
  DISTRIBUTION_BUCKET: 'distribution',
  ARCHIVE_BUCKET: 'archive',
  LEDGER_TABLE: 'ledger',
  QUEUE_URL: 'https://sqs.example.com/1/queue',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.example.com/1/dead',
  CLAIM_RETENTION_DAYS: '21',
};
const large = { DEAD_LETTER_QUEUE_URL: 'https://sqs.example.com/1/large-dead' };

beforeAll(async () => {
  const server = createServer((request, response) => {
    const [, name = ''] = /\/functions\/data-aggregator-prod-([^/]+)\//.exec(request.url ?? '') ?? [];
    const answer = functions[name] ?? 404;
    const type = answer === 404 ? 'ResourceNotFoundException' : 'AccessDeniedException';
    response.writeHead(typeof answer === 'number' ? answer : 200, {
      'content-type': 'application/json',
      'x-amzn-requestid': '1',
      ...(typeof answer === 'number' && { 'x-amzn-errortype': type }),
    });
    response.end(
      JSON.stringify(
        typeof answer === 'number' ? { message: 'why' } : { Environment: { Variables: answer } },
      ),
    );
  });
  aws = await standInForAws(server);
  lambda = new LambdaClient({ maxAttempts: 1 });
});
afterAll(async () => {
  lambda.destroy();
  await aws.stop();
});

describe('the resources of an environment', () => {
  it('are those in the settings of its aggregator', async () => {
    functions = { aggregator, 'large-objects': large };
    await expect(findResources('prod', lambda)).resolves.toEqual({
      buckets: { landing: 'landing', distribution: 'distribution', archive: 'archive' },
      ledger: 'ledger',
      queueUrl: aggregator.QUEUE_URL,
      deadLettersUrls: [aggregator.DEAD_LETTER_QUEUE_URL, large.DEAD_LETTER_QUEUE_URL],
      claimRetentionMs: 21 * 86_400_000,
      functions: { reconciler: 'data-aggregator-prod-reconciler', replayer: 'data-aggregator-prod-replayer' },
    });
  });

  it('include one dead-letter queue if it has no large-objects', async () => {
    functions = { aggregator };
    await expect(findResources('prod', lambda)).resolves.toMatchObject({
      deadLettersUrls: [aggregator.DEAD_LETTER_QUEUE_URL],
    });
  });

  it.each([
    ['there is no such environment', {}, exit.usage],
    ['a setting is invalid', { aggregator: { ...aggregator, QUEUE_URL: 'queue' } }, exit.failure],
    ['the aggregator may not be read', { aggregator: 403 }, exit.failure],
    // Otherwise its dead letters would be missing from the quarantine, unnoticed.
    ['large-objects may not be read', { aggregator, 'large-objects': 403 }, exit.failure],
  ])('are not found if %s', async (_, found: typeof functions, code) => {
    functions = found;
    await expect(findResources('prod', lambda)).rejects.toMatchObject({ name: 'OpsError', code });
  });
});
