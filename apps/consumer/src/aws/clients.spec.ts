import type { ServerResponse } from 'node:http';
import { type AwsServer, listed, refuse, startAwsServer } from '../testing/aws-server.ts';
import { createDistribution } from './buckets.ts';
import { createClients } from './clients.ts';

const HOUR = 3_600_000;

let aws: AwsServer & { stop: () => Promise<void> };
beforeAll(async () => {
  aws = await startAwsServer();
});
beforeEach(() => {
  aws.requests = [];
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => aws.stop());

/** Lists a bucket with the credentials of a role. */
function lister(stalledAfterMs?: number): () => Promise<unknown> {
  const { s3 } = createClients({
    ...{ region: 'eu-west-2', roleArn: 'arn:aws:iam::1:role/r', externalId: 'secret', maxSockets: 4 },
    ...(stalledAfterMs !== undefined && { stalledAfterMs }),
  });
  const distribution = createDistribution(s3, 'dist', 'bundles/');
  return () => distribution.list(undefined);
}

const timesAssumed = () => aws.requests.filter((request) => request === 'POST /').length;

function assumed(response: ServerResponse, expiration = Date.now() + HOUR): void {
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <Credentials><AccessKeyId>role</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>${new Date(expiration).toISOString()}</Expiration></Credentials>
    </AssumeRoleResult></AssumeRoleResponse>`);
}

function notAssumed(response: ServerResponse, code: string): void {
  response.writeHead(403, { 'content-type': 'text/xml', 'x-amzn-requestid': 'id' });
  response.end(`<ErrorResponse><Error><Code>${code}</Code></Error><RequestId>id</RequestId></ErrorResponse>`);
}

describe('the credentials of a role', () => {
  it.each([
    ['as long as STS says', 0],
    ['an hour, although the clock of this machine is a day fast', -24 * HOUR],
    ['an hour, although the clock of this machine is a day slow', 24 * HOUR],
  ])('are used for %s, less some minutes', async (_what, skew) => {
    const signedBy = new Set<string | undefined>();
    aws.answer = ({ method, headers }, response) => {
      if (method === 'POST') return assumed(response, Date.now() + skew + HOUR);
      signedBy.add(/Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
      listed(response, {});
    };
    const list = lister();
    const start = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(start);
    await list();
    clock.mockReturnValue(start + 54 * 60_000);
    await list();
    expect(timesAssumed()).toBe(1);
    clock.mockReturnValue(start + 56 * 60_000);
    await list();
    expect(timesAssumed()).toBe(2);
    expect([...signedBy]).toEqual(['role']);
  });

  it('are asked for once more if STS refuses the time, as the request for which they are is', async () => {
    aws.answer = ({ method }, response) => {
      const isFirst = aws.requests.filter((request) => request.startsWith(method ?? '')).length === 1;
      if (method === 'POST') {
        if (isFirst) notAssumed(response, 'SignatureDoesNotMatch');
        else assumed(response);
      } else if (isFirst) refuse(response, 403, 'RequestTimeTooSkewed');
      else listed(response, {});
    };
    await expect(lister()()).resolves.toMatchObject({ objects: [] });
    expect(aws.requests).toHaveLength(4);
  });

  it('are not waited for without end', async () => {
    const open: ServerResponse[] = [];
    aws.answer = (_request, response) => open.push(response);
    await expect(lister(50)()).rejects.toMatchObject({ name: 'CallError', outcome: 'unknown' });
    expect(open).toHaveLength(1);
  });

  it('that are refused are an error of that call', async () => {
    aws.answer = (_request, response) => notAssumed(response, 'AccessDenied');
    await expect(lister()()).rejects.toMatchObject({
      ...{ name: 'CallError', code: 'AccessDenied', message: expect.stringContaining('AssumeRole') },
    });
  });
});
