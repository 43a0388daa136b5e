import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { listed } from '../testing/aws-server.ts';
import { createDistribution } from './buckets.ts';
import { createClients } from './clients.ts';
import { proxyOf, supportsProxy } from './proxy.ts';
import { createReadyQueue } from './ready-queue.ts';

it.each<[string, Record<string, string>, object | undefined]>([
  ['none', {}, undefined],
  ['none for an empty variable', { HTTPS_PROXY: '', no_proxy: 'x' }, undefined],
  ['that of HTTPS_PROXY', { HTTPS_PROXY: 'http://a' }, { https_proxy: 'http://a' }],
  ['that of http_proxy', { http_proxy: 'http://b' }, { http_proxy: 'http://b' }],
  [
    'that in lower case first',
    { https_proxy: 'http://a', HTTPS_PROXY: 'http://b' },
    { https_proxy: 'http://a' },
  ],
])('the proxy is %s', (_what, env, expected) => {
  const proxy = proxyOf(env);
  if (expected === undefined) expect(proxy).toBeUndefined();
  else expect(proxy).toEqual({ ...expected, no_proxy: 'localhost,127.0.0.1,[::1]' });
});

it('there is no proxy for the hosts of NO_PROXY, and for this machine', () => {
  expect(proxyOf({ HTTPS_PROXY: 'http://a', NO_PROXY: '.internal' })?.['no_proxy']).toBe(
    '.internal,localhost,127.0.0.1,[::1]',
  );
});

it('Node supports a proxy since 24.5 and 22.21', () => {
  const versions = ['22.20.1', '22.21.0', '23.11.0', '24.4.1', '24.5.0', '25.0.0', '26.1.0'];
  expect(versions.filter(supportsProxy)).toEqual(['22.21.0', '24.5.0', '25.0.0', '26.1.0']);
});

describe('with a proxy', () => {
  const environment = { ...process.env };
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    listed(response, { 'bundles/a.tar.gz': 0 });
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.on('connection', (socket) => sockets.add(socket));
  let proxyUrl: string;

  beforeAll(async () => {
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' };
    process.env = { ...environment, ...keys, HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl };
  });
  afterAll(() => {
    process.env = environment;
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });

  const clients = (roleArn?: string) =>
    createClients({ region: 'eu-west-2', roleArn, externalId: undefined, maxSockets: 1 });
  const list = (roleArn?: string) =>
    createDistribution(clients(roleArn).s3, 'dist', 'bundles/').list(undefined);
  const isRefused = { name: 'CallError', outcome: 'unknown', code: 'ERR_PROXY_TUNNEL' };

  it('every connection to S3, SQS and STS goes through it', async () => {
    const url = 'https://sqs.eu-west-2.amazonaws.com/1/ready';
    const queue = createReadyQueue(clients().sqs, url, 'dist');
    await expect(list()).rejects.toMatchObject(isRefused);
    await expect(queue.receive(0, new AbortController().signal)).rejects.toMatchObject(isRefused);
    await expect(list('arn:aws:iam::1:role/r')).rejects.toMatchObject(isRefused);
    expect(asked).toEqual([
      'CONNECT dist.s3.eu-west-2.amazonaws.com:443',
      'CONNECT sqs.eu-west-2.amazonaws.com:443',
      'CONNECT sts.eu-west-2.amazonaws.com:443',
    ]);
  });

  it('responses arrive through it', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://s3.example';
    await expect(list()).resolves.toMatchObject({ objects: [{ key: 'bundles/a.tar.gz' }] });
    expect(asked).toEqual([expect.stringMatching(/^GET http:\/\/s3\.example\/dist\/\?/)]);
  });

  it('an endpoint on this machine is reached without it', async () => {
    const endpoint = createServer((_request, response) => listed(response, {}));
    await once(endpoint.listen(0, '127.0.0.1'), 'listening');
    try {
      process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
      await expect(list()).resolves.toMatchObject({ objects: [] });
      expect(asked).toEqual([]);
    } finally {
      endpoint.close();
      endpoint.closeAllConnections();
    }
  });
});
