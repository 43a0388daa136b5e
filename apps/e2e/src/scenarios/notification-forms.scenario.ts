import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { ARTIFACT_FOLDER, loadFunctions } from '@data-aggregator/function-manifest';
import type { CloudOptions } from '@data-aggregator/local-cloud';
import type { SentObject } from '@data-aggregator/pipeline-client';
import { startPipeline } from '@data-aggregator/pipeline-client/embedded';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { notificationOf, recordOf } from '../testing/sandbox.ts';
import { workspaceRoot } from '../workspace.ts';

/** Aggregators that share landing, each with its own keys and its own form of notification. */
const FUNCTIONS = {
  aggregator: { prefix: 's3/', notifiedBy: 's3' },
  'sns-aggregator': { prefix: 'sns/', notifiedBy: 'sns' },
  'bridge-aggregator': { prefix: 'bridge/', suffix: '.txt', notifiedBy: 'event-bridge' },
};
type Aggregator = keyof typeof FUNCTIONS;
const AGGREGATORS = Object.keys(FUNCTIONS) as Aggregator[];

const KEYS = [
  'a+b.txt',
  'a b.txt',
  'a%2Bb.txt',
  'a%20b.txt',
  '%252B.txt',
  '100%.txt',
  "ü(1)&=~'!*.txt",
  '📦/👩‍👩‍👧.txt',
];

/** The largest file goes on to the function for large objects, in the form in which its notification came. */
const LARGE = Buffer.alloc(33 * 1024 ** 2, 'x');

let folder: ReturnType<typeof temporaryFolder>;
let assembly: string;
beforeAll(() => {
  folder = temporaryFolder();
  assembly = synthesise(folder.path);
});
afterAll(() => folder[Symbol.dispose]());

/** Writes the templates of all functions, with one aggregator for each form. */
function synthesise(workspace: string): string {
  const add = (name: string, artifact: string, manifest: object) => {
    const root = join(workspace, 'apps', name);
    mkdirSync(root, { recursive: true });
    cpSync(artifact, join(root, ARTIFACT_FOLDER), { recursive: true });
    writeFileSync(join(root, 'function.json'), JSON.stringify({ ...manifest, name }));
  };
  for (const { manifest, root, artifact } of loadFunctions(workspaceRoot)) {
    const original = JSON.parse(readFileSync(join(root, 'function.json'), 'utf8')) as { trigger: object };
    if (manifest.name !== 'aggregator') add(manifest.name, artifact, original);
    else {
      for (const [name, trigger] of Object.entries(FUNCTIONS)) {
        add(name, artifact, { ...original, trigger: { ...original.trigger, ...trigger } });
      }
    }
  }
  const out = join(workspace, 'assemblies');
  const main = join(workspaceRoot, 'apps/infra/src/main.ts');
  execFileSync(process.execPath, [main, '--env=sandbox', `--workspace=${workspace}`, `--out=${out}`]);
  return join(out, 'sandbox');
}

/** Lets landing also notify what announces no new object. */
const withOtherEvents: NonNullable<CloudOptions['transformTemplate']> = (template) => {
  const alsoFor = (configurations: unknown = []) =>
    ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*'].flatMap((Event) =>
      (configurations as object[]).map((configuration) => ({ ...configuration, Event })),
    );
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    const { NotificationConfiguration: notified, EventPattern: pattern } = resource.Properties ?? {};
    if (resource.Type === 'AWS::Events::Rule' && typeof pattern === 'object') {
      const { 'detail-type': _, ...EventPattern } = pattern as Record<string, unknown>;
      return [id, { ...resource, Properties: { ...resource.Properties, EventPattern } }];
    }
    if (resource.Type !== 'AWS::S3::Bucket' || typeof notified !== 'object') return [id, resource];
    const { QueueConfigurations, TopicConfigurations, ...others } = notified as Record<string, unknown>;
    const NotificationConfiguration = {
      ...others,
      QueueConfigurations: alsoFor(QueueConfigurations),
      TopicConfigurations: alsoFor(TopicConfigurations),
    };
    return [id, { ...resource, Properties: { ...resource.Properties, NotificationConfiguration } }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
};

describe('files notified in every form', () => {
  it('are delivered once, whatever their keys, and other events end in no dead letter', async () => {
    await using pipeline = await startPipeline({ assembly, transformTemplate: withOtherEvents });
    const { cloud, services, put, processed, end } = pipeline;
    const ignored = new Map<string, string[]>();
    cloud.onLog(({ functionName, text }) => {
      if (!text.includes('records.ignored')) return;
      const { types } = JSON.parse(text.slice(text.indexOf('{'))) as { types: Record<string, number> };
      ignored.set(functionName, [...(ignored.get(functionName) ?? []), ...Object.keys(types)]);
    });
    const send = (fn: Aggregator, body: string) =>
      services.sqs.send(
        new SendMessageCommand({
          QueueUrl: cloud.queues[`data-aggregator-sandbox-${fn}`]?.url,
          MessageBody: body,
        }),
      );

    const sent: SentObject[] = [];
    for (const fn of AGGREGATORS) {
      for (const key of KEYS) sent.push(await put(`${FUNCTIONS[fn].prefix}${key}`));
    }
    sent.push(await put('bridge/large.txt', LARGE));
    await put('bridge/other.csv');
    await processed();

    for (const fn of AGGREGATORS) {
      const [file] = sent.filter(({ key }) => key.startsWith(FUNCTIONS[fn].prefix));
      if (file === undefined) throw new Error(`${fn} has no file`);
      // The form that the reconciler uses, also where notifications have another.
      await send(fn, notificationOf(recordOf(file)));
      const { bucket: Bucket, key: Key } = file;
      await services.s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [] } }));
      await services.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
    const { delivery, dead } = await end();

    expect(dead).toEqual([]);
    expect(delivery).toMatchObject({ mismatched: [], quarantined: [] });
    expect(delivery.missing).toEqual(['bridge/other.csv']);
    expect(delivery.delivered.map(({ key }) => key).sort()).toEqual(sent.map(({ key }) => key).sort());
    const typesOf = (fn: Aggregator) => ignored.get(`data-aggregator-sandbox-${fn}`)?.sort();
    const byS3 = ['ObjectRemoved:DeleteMarkerCreated', 'ObjectTagging:Put'];
    expect(AGGREGATORS.map(typesOf)).toEqual([byS3, byS3, ['Object Deleted', 'Object Tags Added']]);
  });
});
