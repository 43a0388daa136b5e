import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { runOps } from '@data-aggregator/ops';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { rehearse } from '../rehearsal/rehearse.ts';
import { temporaryFolder, writeSource } from '@data-aggregator/pipeline-client/testing';
import { assemblyOf, workspaceRoot } from '../workspace.ts';

/*
 * Every command of the runbook and of the page on operations, as it is written there, against the embedded cloud.
 */

const KEY = 'invoices/2026/11/0815.xml';
const environment = { ...process.env };
let cloud: Cloud;
let s3: S3Client;
let folder: ReturnType<typeof temporaryFolder>;
let values: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = temporaryFolder();
  cloud = await startCloud({
    assembly: assemblyOf('dev'),
    transformTemplate: (template) => {
      for (const { Type, Properties } of Object.values(template.Resources)) {
        // The page restores an object in an archive class, which landing refuses.
        if (Type === 'AWS::S3::BucketPolicy') withoutStatement(Properties, 'StandardClassOnly');
        if (Type === 'AWS::Lambda::EventSourceMapping') {
          Object.assign(Properties, { BatchSize: 10, MaximumBatchingWindowInSeconds: 0 });
        }
      }
      return template;
    },
  });
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.endpoint,
  });
  s3 = new S3Client(cloud.clientConfig());
  values = await prepare();
}, 60_000);

afterAll(async () => {
  s3.destroy();
  await cloud.stop();
  process.env = environment;
  folder[Symbol.dispose]();
});

function withoutStatement(policy: Record<string, unknown> | undefined, sid: string): void {
  const { PolicyDocument: document } = policy as { PolicyDocument: { Statement: { Sid?: string }[] } };
  document.Statement = document.Statement.filter(({ Sid }) => Sid !== sid);
}

/** A file that is in a bundle, and two in quarantine: one is archived. */
async function prepare(): Promise<Record<string, string>> {
  const [Bucket, distribution, archive] = ['landing', 'distribution', 'archive'].map(
    (name) => cloud.buckets[name],
  );
  const { VersionId: VERSION = '' } = await s3.send(
    new PutObjectCommand({ Bucket, Key: KEY, Body: 'invoice' }),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'bad/../key', Body: 'refused' }));
  const ARCHIVED = 'archived/0815.xml';
  const { VersionId: ARCHIVED_VERSION = '' } = await s3.send(
    new PutObjectCommand({ Bucket, Key: ARCHIVED, Body: 'cold', StorageClass: 'GLACIER' }),
  );
  await cloud.idle();

  const { Contents: [{ Key: BUNDLE = '' } = {}] = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: distribution, Prefix: 'bundles/' }),
  );
  const save = async (bucket: string | undefined, key: string, file: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    writeSource(folder.path, file, (await Body?.transformToByteArray()) ?? '');
  };
  await save(distribution, BUNDLE, join('incoming', basename(BUNDLE)));
  await save(archive, manifestKey(BUNDLE), join('manifests', `${basename(BUNDLE)}.json`));

  let listed = '';
  await runOps(['quarantine', 'list', '--json'], {
    env: process.env,
    out: (text) => void (listed += text),
    err: () => undefined,
  });
  const { cases } = JSON.parse(listed) as { cases: { id: string }[] };
  return {
    E: 'dev',
    KEY,
    VERSION,
    ARCHIVED,
    ARCHIVED_VERSION,
    BUNDLE,
    ID: cases[0]?.id ?? '',
    REQUEST: '20261122T130000Z-c911c2',
    PREFIX: 'invoices/',
    CHECKPOINT: join(folder.path, 'backfill.json'),
    FROM: new Date(Date.now() - 3_600_000).toISOString(),
    TO: new Date(Date.now() + 60_000).toISOString(),
    FOLDER: join(folder.path, 'incoming'),
    MANIFESTS: join(folder.path, 'manifests'),
  };
}

async function run(page: string): Promise<string> {
  const text = readFileSync(join(workspaceRoot, 'docs', page), 'utf8');
  return rehearse({ page: text, values, folder: folder.path, config: cloud.clientConfig() });
}

it('operations.md', async () => {
  const written = await run('operations.md');
  expect(written).toContain('1 bundle verified');
});

it('runbook.md', async () => {
  const written = await run('runbook.md');
  expect(written).toContain(`${cloud.region}:000000000000`);
  expect(readFileSync(join(folder.path, 'object'), 'utf8')).toBe('invoice');
  // Its commands leave the schedule enabled and the mapping disabled.
  const rule = new DescribeRuleCommand({ Name: 'data-aggregator-dev-reconciler' });
  await expect(new EventBridgeClient(cloud.clientConfig()).send(rule)).resolves.toMatchObject({
    State: 'ENABLED',
  });
  const list = new ListEventSourceMappingsCommand({ FunctionName: 'data-aggregator-dev-aggregator' });
  const { EventSourceMappings: [mapping] = [] } = await new LambdaClient(cloud.clientConfig()).send(list);
  expect(mapping?.State).toMatch(/^Disabl/);
});

it.each([
  ['an operation that does not exist', '`aws sqs no-such-thing`', 'sqs has no operation "no-such-thing"'],
  ['an option that does not exist', '`aws sqs list-queues --prefix a`', 'unknown option --prefix'],
  ['a service that refuses', '`aws events describe-rule --name nobody`', 'Rule nobody does not exist'],
  [
    'a query that finds nothing',
    '`aws events describe-rule --name data-aggregator-dev-reconciler --query Nothing`',
    'the query finds nothing',
  ],
  [
    'an operation that the embedded cloud lacks',
    '`aws logs describe-log-groups --limit 1`',
    'DescribeLogGroups is not supported by the local cloud',
  ],
  ['a command of ops that finds something wrong', '`npx nx run ops:find -- nothing`', 'status 3'],
  ['a target that does not exist', '`npx nx run ops:undo -- all`', 'ops has no target undo'],
  ['a variable that is not set', '`aws sqs list-queues --queue-name-prefix $NOBODY`', 'NOBODY'],
])('%s fails', async (_, command, reason) => {
  const page = `# Page\n\n${command}\n`;
  const rehearsed = rehearse({ page, values, folder: folder.path, config: cloud.clientConfig() });
  await expect(rehearsed).rejects.toThrow(reason);
  await expect(rehearsed.catch(String)).resolves.toMatch(/line 3|has no operation/);
});
