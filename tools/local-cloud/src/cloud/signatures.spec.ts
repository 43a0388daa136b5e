import { createSecretKey } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSigningKey, SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@data-aggregator/shared-processing/aws-http';
import { verifyChunks } from '../gateway/signature/chunks.ts';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { signedFetch, signedHeaders } from '../testing/signed-fetch.ts';

const region = 'eu-central-1';
let cloud: Cloud;
let s3: S3Client;
let Bucket: string;
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture), region });
  s3 = new S3Client({ ...cloud.clientConfig(), maxAttempts: 1 });
  Bucket = cloud.buckets['archive'] ?? '';
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'content' }));
});
afterAll(() => cloud.stop());

/** Sends a request unchanged, unlike `fetch`, which sets `Host` itself. */
async function raw(method: string, path: string, headers: Record<string, string>, body?: string | Buffer) {
  const { hostname, port } = new URL(cloud.endpoint);
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const host = () => new URL(cloud.endpoint).host;
const codeOf = ({ body }: { body: string }) =>
  /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? (JSON.parse(body) as { __type: string }).__type;

describe('a signature with the wrong secret is refused by', () => {
  const wrong = () => ({
    ...cloud.clientConfig(),
    maxAttempts: 1,
    credentials: { ...cloud.credentials.admin, secretAccessKey: 'wrong' },
  });
  test.each([
    [
      'S3',
      'SignatureDoesNotMatch',
      () => new S3Client(wrong()).send(new GetObjectCommand({ Bucket, Key: 'a' })),
    ],
    ['SQS', 'SignatureDoesNotMatch', () => new SQSClient(wrong()).send(new ListQueuesCommand({}))],
    [
      'DynamoDB',
      'InvalidSignatureException',
      () => new DynamoDBClient(wrong()).send(new ListTablesCommand({})),
    ],
    [
      'Lambda',
      'InvalidSignatureException',
      () => new LambdaClient(wrong()).send(new ListFunctionsCommand({})),
    ],
  ] as const)('%s', async (_, name, call) => {
    await expect(call()).rejects.toMatchObject({ name });
  });

  test('STS, EventBridge and X-Ray', async () => {
    const { credentials } = wrong();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sts = await signedFetch(cloud.endpoint, {
      service: 'sts',
      credentials,
      headers,
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect([sts.status, codeOf({ body: await sts.text() })]).toEqual([403, 'SignatureDoesNotMatch']);
    const target = { 'x-amz-target': 'AWSEvents.PutEvents' };
    const events = await signedFetch(cloud.endpoint, {
      service: 'events',
      credentials,
      headers: target,
      body: '{}',
    });
    expect([events.status, codeOf({ body: await events.text() })]).toEqual([
      400,
      'InvalidSignatureException',
    ]);
    const xray = await signedFetch(cloud.endpoint, {
      service: 'xray',
      credentials,
      path: '/v1/traces',
      body: '{}',
    });
    expect([xray.status, codeOf({ body: await xray.text() })]).toEqual([403, 'InvalidSignatureException']);
  });
});

describe('credentials', () => {
  test('differ at every boot', async () => {
    const other = await startCloud({ assembly: writeAssembly(fixture) });
    const idsOf = ({ credentials: { admin, perRole } }: Cloud) =>
      [admin, ...Object.values(perRole)].map(({ accessKeyId }) => accessKeyId);
    expect(idsOf(other).filter((id) => idsOf(cloud).includes(id))).toEqual([]);
    await other.stop();
  });

  test('identify their holder, whose calls are authorized by its role', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const credentials = cloud.clientConfig('reader-role').credentials;
    const answer = await signedFetch(cloud.endpoint, { service: 'sts', credentials, headers, body });
    expect(await answer.text()).toContain('<Arn>arn:aws:iam::000000000000:role/reader-role</Arn>');
  });

  test('with an unknown session token are refused', async () => {
    const credentials = { ...cloud.credentials.admin, sessionToken: 'x' };
    const config = { ...cloud.clientConfig(), maxAttempts: 1, credentials };
    await expect(new S3Client(config).send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject(
      { name: 'InvalidToken' },
    );
    await expect(new SQSClient(config).send(new ListQueuesCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });
});

describe('a request to S3', () => {
  const get = (path: string, more: object = {}) =>
    signedHeaders(cloud.endpoint, {
      service: 's3',
      credentials: cloud.credentials.admin,
      method: 'GET',
      path,
      ...more,
    });
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  test.each([
    [14, 200],
    [-14, 200],
    [16, 403],
    [-16, 403],
  ])('signed %d minutes ago gets status %d', async (minutes, status) => {
    const path = `/${Bucket}/a`;
    const answer = await raw('GET', path, await get(path, { signingDate: minutesAgo(minutes) }));
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(codeOf(answer)).toBe('RequestTimeTooSkewed');
      expect(answer.body).toContain('<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>');
    }
  });

  test('is refused if its method, path, query, host or a signed header was changed', async () => {
    const path = `/${Bucket}/a`;
    const headers = await get(path, { headers: { 'x-amz-meta-a': '1' } });
    const answers = await Promise.all([
      raw('HEAD', path, headers),
      raw('DELETE', path, headers),
      raw('GET', `/${Bucket}/b`, headers),
      raw('GET', `${path}?tagging`, headers),
      raw('GET', path, { ...headers, host: 'localhost:1' }),
      raw('GET', path, { ...headers, 'x-amz-meta-a': '2' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(answers.slice(1).map(codeOf)).toEqual(answers.slice(1).map(() => 'SignatureDoesNotMatch'));
  });

  test('is refused if it has an unsigned x-amz- header', async () => {
    const path = `/${Bucket}/a`;
    const answer = await raw('GET', path, { ...(await get(path)), 'x-amz-checksum-mode': 'ENABLED' });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
    expect(answer.body).toContain('<HeadersNotSigned>x-amz-checksum-mode</HeadersNotSigned>');
  });

  test('is refused if its body was changed', async () => {
    const path = `/${Bucket}/changed`;
    const headers = await get(path, { method: 'PUT', body: 'signed' });
    const answer = await raw('PUT', path, { ...headers, 'content-length': '6' }, 'change');
    expect([answer.status, codeOf(answer)]).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });

  test.each([
    ["a(b)!*'~ +&=?#%@;:,$/ü日本", {}],
    ['..//./a//', {}],
    ['meta', { a: 'x  y', b: 'schön' }],
  ])('can use the key %j', async (Key, Metadata) => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, Metadata }));
    const { Body, Metadata: kept } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(Key);
    expect(Object.keys(kept ?? {})).toEqual(Object.keys(Metadata));
  });

  test('has the same signature for every encoding of its path', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'b(c)', Body: 'x' }));
    const headers = await get(`/${Bucket}/b%28c%29`);
    expect((await raw('GET', `/${Bucket}/b(c)`, headers)).status).toBe(200);
  });

  test.each([
    ['no signature', (key: string) => `X-Amz-Credential=${key}`],
    ['a malformed signature', (key: string) => `X-Amz-Credential=${key}&X-Amz-Signature=0`],
    ['the name in other letters', (key: string) => `x-amz-credential=${key}`],
    ['an encoded parameter name', (key: string) => `X%2DAmz-Credential=${key}`],
  ])('that claims a caller by %s is not served', async (_, query) => {
    const scope = encodeURIComponent(
      `${cloud.credentials.admin.accessKeyId}/20261125/${region}/s3/aws4_request`,
    );
    const answer = await raw('GET', `/${Bucket}/a?${query(scope)}`, { host: host() });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  test.each([
    ['AWS key:signature', 400, 'InvalidRequest'],
    ['AWS4-HMAC-SHA256 Credential=a', 400, 'AuthorizationHeaderMalformed'],
    ['AWS4-HMAC-SHA256 Credential=a, Credential=b', 400, 'AuthorizationHeaderMalformed'],
  ])('with the header %j gets status %d', async (authorization, status, code) => {
    const answer = await raw('GET', `/${Bucket}/a`, { host: host(), authorization });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  test('is refused without a signature', async () => {
    const answer = await raw('GET', `/${Bucket}/a`, { host: host() });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
  });
});

describe('a presigned URL', () => {
  async function presigned(
    method: string,
    key: string,
    options: { expiresIn?: number; signingDate?: Date } = {},
  ) {
    const { hostname, port } = new URL(cloud.endpoint);
    const signer = new SignatureV4({
      service: 's3',
      region,
      credentials: cloud.credentials.admin,
      sha256: Sha256,
      uriEscapePath: false,
    });
    const { path, query = {} } = await signer.presign(
      {
        protocol: 'http:',
        hostname,
        port: Number(port),
        method,
        path: `/${Bucket}/${key}`,
        query: {},
        headers: { host: host(), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      options,
    );
    return { path, query: new URLSearchParams(query as Record<string, string>) };
  }
  const send = (method: string, { path, query }: { path: string; query: URLSearchParams }, more = {}) =>
    raw(method, `${path}?${query.toString()}`, { host: host(), ...more });

  test('serves its object, but no other method or key', async () => {
    const url = await presigned('GET', 'a');
    expect(await send('GET', url)).toEqual({ status: 200, body: 'content' });
    for (const answer of [
      await send('PUT', url, { 'content-length': '0' }),
      await send('DELETE', url),
      await send('GET', { ...url, path: `/${Bucket}/b` }),
      await send('GET', url, { host: 'localhost' }),
    ]) {
      expect([answer.status, codeOf(answer)]).toEqual([403, 'SignatureDoesNotMatch']);
    }
  });

  test('accepts an upload', async () => {
    const url = await presigned('PUT', 'uploaded');
    const { path, query } = url;
    const headers = { host: host(), 'content-length': '3' };
    expect((await raw('PUT', `${path}?${query.toString()}`, headers, 'new')).status).toBe(200);
  });

  test('expires, and its validity cannot be extended', async () => {
    const signingDate = new Date(Date.now() - 120_000);
    const expired = await presigned('GET', 'a', { expiresIn: 60, signingDate });
    const answer = await send('GET', expired);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
    expect(answer.body).toContain('<Message>Request has expired</Message>');
    expired.query.set('X-Amz-Expires', '600');
    expect(codeOf(await send('GET', expired))).toBe('SignatureDoesNotMatch');
    const valid = await presigned('GET', 'a', { expiresIn: 600, signingDate });
    expect((await send('GET', valid)).status).toBe(200);
  });

  test('is not valid before its date, nor for more than a week', async () => {
    const early = await presigned('GET', 'a', { signingDate: new Date(Date.now() + 20 * 60_000) });
    expect((await send('GET', early)).body).toContain('<Message>Request is not yet valid</Message>');
    const long = await presigned('GET', 'a');
    long.query.set('X-Amz-Expires', '604801');
    expect(codeOf(await send('GET', long))).toBe('AuthorizationQueryParametersError');
  });

  test('is refused if there is also a signature in the header', async () => {
    const url = await presigned('GET', 'a');
    const answer = await send('GET', url, { authorization: 'AWS4-HMAC-SHA256 Credential=a' });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'InvalidArgument']);
  });
});

describe('signed chunks', () => {
  // The example of "Signature calculations for the Authorization header: transferring payload in multiple chunks".
  const seed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
  const chunks: [bytes: number, signature: string][] = [
    [65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
    [1_024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
    [0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
  ];
  const digest = async (bytes: number) => {
    const sum = new Sha256();
    sum.update(Buffer.alloc(bytes, 'a'));
    return Buffer.from(await sum.digest()).toString('hex');
  };

  async function verifier() {
    const credentials = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    };
    const key = createSecretKey(await getSigningKey(Sha256, credentials, '20130524', 'us-east-1', 's3'));
    const scope = '20130524/us-east-1/s3/aws4_request';
    return verifyChunks({ key, date: '20130524T000000Z', scope, seed });
  }

  test("of AWS's example are accepted", async () => {
    const { chunk } = await verifier();
    for (const [bytes, signature] of chunks) {
      const sum = await digest(bytes);
      expect(() => chunk(sum, signature)).not.toThrow();
    }
  });

  test('are refused if changed, missing or unsigned', async () => {
    const [, [bytes, signature] = [0, '']] = chunks;
    const sum = await digest(bytes);
    for (const attempt of [
      [sum, signature],
      [await digest(1), chunks[0]?.[1]],
      [sum, undefined],
    ] as const) {
      const { chunk } = await verifier();
      expect(() => chunk(attempt[0], attempt[1])).toThrow('The signature of a chunk');
    }
  });

  test('with wrong signatures store nothing', async () => {
    const path = `/${Bucket}/chunked`;
    const headers = await signedHeaders(cloud.endpoint, {
      service: 's3',
      credentials: cloud.credentials.admin,
      method: 'PUT',
      path,
      headers: {
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'x-amz-decoded-content-length': '3',
        'content-encoding': 'aws-chunked',
      },
    });
    const chunk = `;chunk-signature=${'0'.repeat(64)}\r\n`;
    const body = `3${chunk}abc\r\n0${chunk}\r\n`;
    const answer = await raw('PUT', path, { ...headers, 'content-length': String(body.length) }, body);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'SignatureDoesNotMatch']);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'chunked' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });
});

test("the cloud's files are in a folder that only its owner can access", () => {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`local-cloud-${process.pid}-`));
  expect(folders).toHaveLength(1);
  for (const folder of folders) expect(statSync(join(tmpdir(), folder)).mode & 0o777).toBe(0o700);
});

describe('a web page', () => {
  const signed = (headers: Record<string, string>) =>
    signedHeaders(cloud.endpoint, {
      service: 's3',
      credentials: cloud.credentials.admin,
      method: 'GET',
      path: `/${Bucket}/a`,
      headers,
    });

  test.each(['localhost', 'LOCALHOST:80', '127.0.0.1', '127.1.2.3:8080', '[::1]:80'])(
    'or program that calls the cloud as %s is served',
    async (name) => {
      expect((await raw('GET', `/${Bucket}/a`, await signed({ host: name }))).status).toBe(200);
    },
  );

  test('or program that calls a bucket by its host is served', async () => {
    const headers = await signedHeaders(cloud.endpoint, {
      service: 's3',
      credentials: cloud.credentials.admin,
      method: 'GET',
      path: '/a',
      headers: { host: `${Bucket}.localhost` },
    });
    expect(await raw('GET', '/a', headers)).toEqual({ status: 200, body: 'content' });
  });

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
  ])('whose host name %j resolves to this machine is refused, even with a valid signature', async (name) => {
    const answer = await raw('GET', `/${Bucket}/a`, await signed({ host: name }));
    expect(answer.status).toBe(421);
    expect(answer.body).toContain('The local cloud serves only requests from this machine');
  });

  test('of another site is refused; one on this machine is served', async () => {
    const status = async (headers: Record<string, string>) => {
      const path = `/${Bucket}/a`;
      return (await raw('GET', path, { ...(await signed({ host: host() })), ...headers })).status;
    };
    expect(await status({ origin: 'https://evil.example' })).toBe(421);
    expect(await status({ origin: 'null' })).toBe(421);
    expect(await status({ origin: 'http://localhost:5173' })).toBe(200);
    const image = { host: host(), 'sec-fetch-site': 'cross-site' };
    expect((await raw('GET', '/_url/commands/', image)).status).toBe(421);
    expect((await raw('GET', '/_url/commands/', { host: host() })).status).toBe(200);
  });
});
