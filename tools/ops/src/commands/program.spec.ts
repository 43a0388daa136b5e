import { createServer } from 'node:http';
import { exit } from '@data-aggregator/operations/errors';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { runOps } from './program.ts';

/* A server in the place of AWS has an aggregator, and refuses everything else. */
let aws: StandIn;
beforeAll(async () => {
  const server = createServer((request, response) => {
    const isAggregator = request.url?.includes('-aggregator/');
    const type = request.url?.includes('/functions/') ? 'ResourceNotFoundException' : 'AccessDeniedException';
    response.writeHead(isAggregator ? 200 : 400, {
      'content-type': 'application/json',
      'x-amzn-requestid': '1',
      ...(!isAggregator && { 'x-amzn-errortype': type }),
    });
    const Variables = {
      LANDING_BUCKET: 'landing',
      DISTRIBUTION_BUCKET: 'distribution',
      ARCHIVE_BUCKET: 'archive',
      LEDGER_TABLE: 'ledger',
      QUEUE_URL: `${aws.endpoint}/1/queue`,
      DEAD_LETTER_QUEUE_URL: `${aws.endpoint}/1/dead`,
      CLAIM_RETENTION_DAYS: '21',
    };
    response.end(
      JSON.stringify(
        isAggregator ? { Environment: { Variables } } : { __type: type, message: 'not allowed' },
      ),
    );
  });
  aws = await standInForAws(server);
});
afterAll(() => aws.stop());

async function ops(...words: string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const code = await runOps(words, {
    env: process.env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

describe('the program', () => {
  it('explains what a service refuses in one line, and writes no result', async () => {
    const { code, out, err } = await ops('quarantine', 'list', '--json');
    expect({ code, out }).toEqual({ code: exit.failure, out: '' });
    expect(err).toMatch(/^ReceiveMessage: .*AccessDenied.*\n$/);
  });

  it('explains what the file system refuses in one line', async () => {
    const { code, out, err } = await ops('backfill', '--prefix', '', '--execute', '--checkpoint', '/none/x');
    expect({ code, out }).toEqual({ code: exit.failure, out: '' });
    expect(err).toMatch(/^ENOENT.*\n$/);
  });

  it.each([
    [['--help'], exit.success],
    [['quarantine', 'drop', '--help'], exit.success],
    [['quarantine', 'drop', '--all', '--execute'], exit.usage],
    [['quarantine', 'redrive', '--note', 'x'], exit.usage],
    [['find'], exit.usage],
    [['find', 'a', '--from', '2026-11-22T09:00:00Z'], exit.usage],
    [['find', 'a', '--group', 'a'], exit.usage],
    [['replay', '--to', '2026-11-22T09:00:00Z'], exit.usage],
    [['backfill', '--prefix', '', '--check', '--execute'], exit.usage],
    [['quarantine', 'list', '--most', '0'], exit.usage],
    [[], exit.usage],
  ])('ends %j with status %d', async (words, code) => {
    await expect(ops(...words)).resolves.toMatchObject({ code });
  });
});
