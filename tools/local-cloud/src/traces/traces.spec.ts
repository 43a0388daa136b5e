import { type Cloud, type Credentials, startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { signedFetch } from '../testing/signed-fetch.ts';

const traceId = '5759e988bd862e3fe1be46a994272793';
const spanId = (n: number) => n.toString(16).padStart(16, '0');
const time = '1763852394000000000';
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const span = (n: number, parent: number, name: string, more: object = {}) => ({
  traceId,
  spanId: spanId(n),
  parentSpanId: spanId(parent),
  name,
  kind: 1,
  startTimeUnixNano: time,
  endTimeUnixNano: '1763852394250000000',
  attributes: [],
  status: {},
  ...more,
});
const event = (name: string, key: string) => ({
  timeUnixNano: time,
  name,
  attributes: [text('aws.s3.key', key), { key: 'file.size', value: { intValue: '5' } }],
});
const request = (...spans: object[]) => ({
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'f')] },
      scopeSpans: [{ scope: { name: 's' }, spans }],
    },
  ],
});

let cloud: Cloud;
const said: string[] = [];
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture), logger: (line) => said.push(line) });
});
afterAll(() => cloud.stop());

function send(body: unknown, credentials: Credentials = cloud.credentials.admin, path = '/v1/traces') {
  return signedFetch(cloud.endpoint, { service: 'xray', credentials, path, body: JSON.stringify(body) });
}
const basic = ({ accessKeyId, secretAccessKey }: Credentials) => ({
  authorization: `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64')}`,
});
const page = async (key?: string) => {
  const query = key === undefined ? '' : `?${new URLSearchParams({ key }).toString()}`;
  const answer = await fetch(`${cloud.endpoint}/_traces${query}`, {
    headers: basic(cloud.credentials.admin),
  });
  return answer.text();
};

describe('the collector of traces', () => {
  it('is empty at first', async () => {
    expect(await page()).toMatch(/^No traces/);
    expect(cloud.spans()).toEqual([]);
  });

  it.each([
    ['nothing', () => ({})],
    ['the access key id alone', () => basic({ ...cloud.credentials.admin, secretAccessKey: '' })],
    ["a role's credentials", () => basic(cloud.clientConfig('reader-role').credentials)],
  ])('shows nothing to a caller with %s', async (_, headers) => {
    const answer = await fetch(`${cloud.endpoint}/_traces`, { headers: headers() });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toMatch(/^Traces require the credentials of the cloud/);
  });

  it("shows a file's traces as trees, and counts other files", async () => {
    const bundle = span(2, 1, 'bundle', {
      events: [event('file.bundled', 'a b'), event('file.bundled', 'other')],
      droppedEventsCount: 3,
      attributes: [text('aggregator.bundle.key', 'K')],
    });
    const root = span(1, 9, 'process', {
      links: [{ traceId: 'f'.repeat(32), spanId: spanId(7), attributes: [] }],
      status: { code: 2, message: 'broken\u001b' },
    });
    const sent = await send(request(root, bundle));
    expect([sent.status, await sent.json()]).toEqual([200, {}]);
    expect(await page('a b')).toBe(
      [
        'trace 1-5759e988-bd862e3fe1be46a994272793',
        '  process  250 ms FAILED "broken\\u001b"',
        '    ← trace 1-ffffffff-ffffffffffffffffffffffff',
        '    bundle  250 ms aggregator.bundle.key="K"',
        '      · +0 ms file.bundled aws.s3.key="a b" file.size=5',
        '      · 4 more',
        '',
      ].join('\n'),
    );
    expect(await page('a')).toMatch(/^No trace contains "a"/);
    expect(cloud.spans()).toMatchObject([{ service: 'f', name: 'process' }, { name: 'bundle' }]);
  });

  it.each([
    ['no spans at all', { resourceSpans: 'x' }],
    ['ids that are not hexadecimal', request(span(1, 0, 'x', { traceId: 'A'.repeat(32) }))],
    ['times that are not nanoseconds', request(span(1, 0, 'x', { startTimeUnixNano: '1763852394000' }))],
    ['a span above 200 KB', request(span(1, 0, 'x', { attributes: [text('k', 'x'.repeat(200_000))] }))],
    [
      'integers that are not strings',
      request(span(1, 0, 'x', { attributes: [{ key: 'k', value: { intValue: 1 } }] })),
    ],
    ['more than 10,000 spans', request(...Array.from({ length: 10_001 }, (_, n) => span(n, 0, 'x')))],
    ['more than 5 MB', request(...Array.from({ length: 30 }, (_, n) => span(n, 0, 'x'.repeat(180_000))))],
  ])('refuses %s, and stores nothing of it', async (_name, body) => {
    const before = cloud.spans();
    expect((await send(body)).status).toBe(400);
    expect(cloud.spans()).toEqual(before);
  });

  it('keeps the last 10,000 spans', async () => {
    await send(request(...Array.from({ length: 9_999 }, (_, n) => span(n, 0, 'new'))));
    expect(cloud.spans()).toHaveLength(10_000);
    expect(cloud.spans()[0]?.name).toBe('bundle');
  });

  it('refuses roles without permission, unsigned requests, and unsupported calls', async () => {
    const role = cloud.clientConfig('reader-role').credentials;
    const refused = await send(request(), role);
    expect([refused.status, ((await refused.json()) as { message: string }).message]).toEqual([
      403,
      expect.stringContaining('not authorized to perform: xray:PutTraceSegments'),
    ]);
    expect(said.at(-1)).toContain('access.denied User: reader-role');
    expect((await send(request(), { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' })).status).toBe(403);
    expect((await send(request(), undefined, '/TraceSegments')).status).toBe(501);
  });
});
