import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Cloud, type CloudOptions, type ReceivedSpan, startCloud } from '@data-aggregator/local-cloud';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { bucketOf, textOf } from '@data-aggregator/pipeline-client';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { notificationOf } from '../testing/sandbox.ts';
import { workspaceRoot } from '../workspace.ts';

type Transform = NonNullable<CloudOptions['transformTemplate']>;

const folder = temporaryFolder();
let cloud: Cloud;
let s3: S3Client;
beforeAll(async () => {
  // The sandbox, as it would be with its one setting changed.
  const settings = JSON.stringify({ tracing: true });
  const args = ['apps/infra/src/main.ts', '--env=sandbox', `--settings=${settings}`, `--out=${folder.path}`];
  await promisify(execFile)(process.execPath, args, { cwd: workspaceRoot });
  cloud = await boot();
  s3 = new S3Client(cloud.clientConfig());
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.stop();
  folder[Symbol.dispose]();
});

const boot = (options: Partial<CloudOptions> = {}) =>
  startCloud({ assembly: join(folder.path, 'sandbox'), ...options });

async function put(key: string, to: Cloud = cloud, client = s3): Promise<string> {
  const { VersionId } = await client.send(
    new PutObjectCommand({ Bucket: bucketOf(to, 'landing'), Key: key, Body: `content of ${key}` }),
  );
  await to.idle();
  return VersionId ?? '';
}

/** The events about a key, with their spans. */
function told(
  key: string,
): { event: string; attributes: Readonly<Record<string, unknown>>; span: ReceivedSpan }[] {
  return cloud
    .spans()
    .flatMap((span) =>
      span.events
        .filter(({ attributes }) => attributes['aws.s3.key'] === key)
        .map(({ name, attributes }) => ({ event: name, attributes, span })),
    );
}

describe('a trace follows a file', () => {
  it('from its notification to the bundle that contains it', async () => {
    const key = 'invoices/0815 é.xml';
    const versionId = await put(key);
    const [notified, bundled, ...more] = told(key);
    expect([notified?.event, bundled?.event, more]).toEqual(['file.notified', 'file.bundled', []]);
    expect(notified?.attributes).toMatchObject({
      'aws.s3.version_id': versionId,
      'messaging.message.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(notified?.span.name).toMatch(/^process data-aggregator-sandbox-aggregator$/);
    expect(bundled?.span).toMatchObject({
      name: 'bundle',
      traceId: notified?.span.traceId,
      parentSpanId: notified?.span.spanId,
    });

    const bundle = String(bundled?.span.attributes['aggregator.bundle.key']);
    const manifest = await textOf(s3, bucketOf(cloud, 'archive'), manifestKey(bundle));
    const { members } = parseManifest(manifest ?? '', bundle);
    expect(members.map(({ key, version }) => [key, version])).toContainEqual([
      key,
      { kind: 'id', versionId },
    ]);

    const steps = cloud.spans().filter(({ parentSpanId }) => parentSpanId === bundled?.span.spanId);
    expect(steps.map(({ name }) => name)).toEqual(['claim', 'build', 'write-manifest', 'publish', 'record']);
    for (const { attributes } of steps) expect(attributes['aggregator.bundle.key']).toBe(bundle);

    const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
    const credentials = Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64');
    const page = await fetch(`${cloud.endpoint}/_traces?${new URLSearchParams({ key }).toString()}`, {
      headers: { authorization: `Basic ${credentials}` },
    });
    expect(await page.text()).toMatch(/^trace 1-[0-9a-f]{8}-[0-9a-f]{24}\n.*file\.notified.*file\.bundled/s);
  });

  it('from the trace of its notification to the reason for its refusal', async () => {
    const key = 'in/../\u202eout\u0007';
    const object = { key: encodeURIComponent(key), size: 1, eTag: 'e', versionId: 'v', sequencer: '01' };
    const record = {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventTime: '2026-11-22T09:00:00.000Z',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: bucketOf(cloud, 'landing') }, object },
    };
    const AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const [queue] = Object.values(cloud.queues).filter(({ arn }) => arn.endsWith('-aggregator'));
    const message = {
      messageId: 'm1',
      receiptHandle: 'r1',
      body: notificationOf(record),
      attributes: { AWSTraceHeader },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: queue?.arn,
    };
    await cloud.invoke('aggregator', { Records: [message] });

    const [refused, ...more] = told('in/../\ufffdout\ufffd');
    expect([refused?.event, refused?.attributes['reason'], more]).toEqual(['file.refused', 'unsafe-key', []]);
    expect(refused?.span.links).toEqual([
      {
        traceId: '5759e988bd862e3fe1be46a994272793',
        spanId: '53995c3f42cd8ad8',
        attributes: { 'messaging.message.id': 'm1' },
      },
    ]);
  });

  it('and has a span for every invoked function', async () => {
    await cloud.fireSchedule(cloud.schedules.find((name) => name.includes('distribution-monitor')) ?? '');
    const [span] = cloud.spans().filter(({ name }) => name === 'distribution-monitor');
    expect(span).toMatchObject({
      service: 'data-aggregator-sandbox-distribution-monitor',
      attributes: { 'faas.trigger': 'timer', 'faas.coldstart': true },
    });
  });
});

it('without the tracing permission, files are still delivered, and the log names the missing permission', async () => {
  const log: string[] = [];
  const said: string[] = [];
  const lacking = await boot({ transformTemplate: withoutTracing, logger: (line) => said.push(line) });
  lacking.onLog(({ text }) => log.push(text));
  const client = new S3Client(lacking.clientConfig());
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(lacking.stop);
  cleanup.defer(() => client.destroy());
  await put('a', lacking, client);
  expect(log.filter((line) => line.includes('"bundle.published"'))).toHaveLength(1);
  expect(log.filter((line) => line.includes('"trace.unsent"') && line.includes('WARN'))).toHaveLength(1);
  expect(said.join('\n')).toContain('to perform: xray:PutTraceSegments on resource: *');
  expect(lacking.spans()).toEqual([]);
});

/** Lets roles do something else with X-Ray than they need. */
const withoutTracing: Transform = (template) => {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (resource.Type !== 'AWS::IAM::Role') return [id, resource];
    const text = JSON.stringify(resource).replaceAll('"xray:PutTraceSegments"', '"xray:GetSamplingRules"');
    return [id, JSON.parse(text) as typeof resource];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
};
