import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { receiptKey, serializeReceipt } from '@data-aggregator/shared-processing/receipt';
import { createObjectListing, type VersionMarker } from '@data-aggregator/shared-processing/s3';
import { runOps } from './commands/program.ts';

/*
 * Runs the commands and the built functions in the embedded cloud. Its landing bucket sends no notifications, so every
 * file is one whose notification was lost.
 */

const assembly = join(import.meta.dirname, '../../../apps/infra/cdk.out/dev');
const ODD = 'a b+c/ä\u0001%2F.txt';
const UNSAFE = 'bad/../key';
const environment = { ...process.env };
let cloud: Cloud;
let s3: S3Client;

/** What docs/operations.md lists for backfill. */
const OPERATOR = 'backfill-operator';
const bucketArn = (name: string) =>
  `arn:aws:s3:::data-aggregator-dev-${name}-\${AWS::AccountId}-\${AWS::Region}`;
const arn = (service: string, name: string) =>
  `arn:aws:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}data-aggregator-dev`;
const permissions: [actions: string[], resources: string[]][] = [
  [
    ['lambda:GetFunctionConfiguration'],
    [arn('lambda', 'function:') + '-aggregator', arn('lambda', 'function:') + '-large-objects'],
  ],
  [['s3:ListBucketVersions'], [bucketArn('landing')]],
  [['s3:ListBucket'], [bucketArn('archive'), bucketArn('distribution')]],
  [
    ['s3:GetObject'],
    [
      `${bucketArn('archive')}/manifests/*`,
      `${bucketArn('archive')}/bundles/*`,
      `${bucketArn('distribution')}/bundles/*`,
    ],
  ],
  [['dynamodb:GetItem'], [arn('dynamodb', 'table/') + '-ledger']],
  [['sqs:SendMessage', 'sqs:GetQueueAttributes'], [arn('sqs', '') + '-aggregator']],
];
const operator = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: OPERATOR,
    AssumeRolePolicyDocument: {},
    Policies: [
      {
        PolicyName: 'backfill',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: permissions.map(([Action, resources]) => ({
            Effect: 'Allow',
            Action,
            Resource: resources.map((resource) => ({ 'Fn::Sub': resource })),
          })),
        },
      },
    ],
  },
};

type Resource = { Type: string; Properties: Record<string, unknown> };

beforeAll(async () => {
  cloud = await startCloud({
    assembly,
    transformTemplate: (template, stack) => {
      if (stack.endsWith('application-reconciler')) Object.assign(template.Resources, { Operator: operator });
      for (const { Type, Properties } of Object.values(template.Resources ?? {}) as Resource[]) {
        if (Type === 'AWS::S3::Bucket') delete Properties['NotificationConfiguration'];
        if (Type === 'AWS::Lambda::EventSourceMapping') {
          Object.assign(Properties, { BatchSize: 10, MaximumBatchingWindowInSeconds: 0 });
        }
        if (Type === 'AWS::Lambda::Function') {
          const { Variables } = Properties['Environment'] as { Variables: Record<string, string> };
          Variables['SLO_SECONDS'] = '1';
        }
      }
      return template;
    },
  });
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  Object.assign(process.env, { AWS_REGION: cloud.region, AWS_ENDPOINT_URL: cloud.endpoint });
  s3 = new S3Client(cloud.clientConfig());
}, 30_000);

afterAll(async () => {
  s3.destroy();
  await cloud.stop();
  process.env = environment;
});

/** Runs a command with `--json`. */
async function ops(...words: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const surroundings = {
    env: process.env,
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
  };
  const code = await runOps([...words, '--json'], surroundings);
  return { code, said: err.join(''), answer: out.length > 0 ? JSON.parse(out.join('')) : undefined };
}

const bucket = (name: string) => cloud.buckets[name] ?? '';
const land = (key: string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket('landing'), Key: key, Body: `content of ${key}` }));
const consume = (key: string) =>
  s3.send(new DeleteObjectCommand({ Bucket: bucket('distribution'), Key: key }));
async function keysIn(name: string, prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket(name), Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

it('finds lost files, requeues them, and then finds none', async () => {
  for (const key of [ODD, 'plain', UNSAFE]) await land(key);
  await sleep(2_100);
  await expect(ops('reconcile')).resolves.toMatchObject({
    code: 3,
    answer: { counts: { lost: 3, requeued: 0 } },
  });
  await expect(ops('find', 'plain')).resolves.toMatchObject({
    code: 3,
    answer: { versions: [{ where: 'nowhere' }] },
  });

  await expect(ops('reconcile', '--execute')).resolves.toMatchObject({
    code: 0,
    answer: { counts: { requeued: 3 } },
  });
  await cloud.idle();
  await expect(ops('reconcile')).resolves.toMatchObject({
    code: 0,
    answer: { counts: { delivered: 2, quarantined: 1, lost: 0 } },
  });
}, 30_000);

it('refuses a range that it cannot check, instead of reporting nothing lost', async () => {
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  const day = 86_400_000;
  await expect(ops('reconcile', '--from', ago(200), '--to', ago(-60_000))).resolves.toMatchObject({
    code: 4,
    said: expect.stringMatching(/^The range is too recent: what landed from .* on may still be on its way/),
    answer: undefined,
  });
  await expect(ops('reconcile', '--from', ago(40 * day), '--to', ago(30 * day))).resolves.toMatchObject({
    code: 2,
    said: expect.stringContaining('add --never-delivered'),
    answer: undefined,
  });
  await expect(ops('reconcile', '--from', ago(0), '--to', ago(1_000))).resolves.toMatchObject({
    code: 2,
    said: 'A range needs --from and a later --to.\n',
  });
});

it('reconciles on schedule as well', async () => {
  await land('scheduled');
  await sleep(2_100);
  const schedule = cloud.schedules.find((name) => name.endsWith('reconciler')) ?? '';
  const result = await cloud.fireSchedule(schedule);
  expect(JSON.parse(result.payload)).toMatchObject({ done: true, counts: { lost: 1, requeued: 1 } });
  await cloud.idle();
  await expect(ops('find', 'scheduled')).resolves.toMatchObject({ code: 0 });
}, 30_000);

it('backfills objects, stops cleanly on Ctrl-C, and continues', async () => {
  for (let index = 0; index < 20; index++) await land(`old ä/${index}`);
  const folder = mkdtempSync(join(tmpdir(), 'ops-'));
  const words = ['backfill', '--prefix', 'old ä/', '--checkpoint', join(folder, 'checkpoint.json')];
  await expect(ops(...words)).resolves.toMatchObject({
    code: 0,
    answer: { executed: false, counts: { examined: 20, enqueued: 20 }, estimate: { seconds: 20 / 50 } },
  });

  const execute = [...words, '--execute', '--rate', '2'];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...execute], {
    env: process.env,
  });
  const closed = once(child, 'close');
  const [out, err] = [text(child.stdout), [] as string[]];
  for await (const chunk of child.stderr.setEncoding('utf8')) {
    err.push(String(chunk));
    if (/"enqueued":[1-9]/.test(err.join('')) && !child.killed) child.kill('SIGINT');
  }
  expect(await out).toContain('Not all versions were reached.');
  expect(err.join('')).toContain('Continue with the same command and --resume.');
  await expect(closed).resolves.toEqual([4, null]);

  const again = await ops(...words, '--execute', '--rate', '1000');
  expect(again).toMatchObject({ code: 2, said: expect.stringContaining('Add --resume to continue it') });
  await expect(ops(...words, '--execute', '--resume')).resolves.toMatchObject({
    code: 0,
    answer: { done: true },
  });
  await cloud.idle();
  await expect(ops(...words, '--check')).resolves.toMatchObject({
    code: 0,
    answer: { checked: true, counts: { delivered: 20, enqueued: 0 } },
  });
  rmSync(folder, { recursive: true });
}, 60_000);

it('needs only the documented permissions to backfill', async () => {
  await land('operator/1');
  const admin = { ...process.env };
  const { accessKeyId, secretAccessKey } = cloud.credentials.perRole[OPERATOR] ?? cloud.credentials.admin;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  const folder = mkdtempSync(join(tmpdir(), 'ops-'));
  const words = ['backfill', '--prefix', 'operator/'];
  try {
    const execute = [...words, '--execute', '--checkpoint', join(folder, 'checkpoint.json')];
    await expect(ops(...execute)).resolves.toMatchObject({ code: 0, answer: { counts: { enqueued: 1 } } });
    await cloud.idle();
    await expect(ops(...words, '--check')).resolves.toMatchObject({ answer: { counts: { delivered: 1 } } });
    await expect(ops('reconcile')).resolves.toMatchObject({ code: 1 });
  } finally {
    process.env = admin;
    rmSync(folder, { recursive: true });
  }
}, 30_000);

it('finds an object by its original key, even with unusual characters', async () => {
  const { code, answer } = await ops('find', ODD);
  expect(code).toBe(0);
  expect(answer).toMatchObject({ key: ODD, versions: [{ where: 'delivered', consumer: 'waiting' }] });
  const hour = (offset: number) => new Date(Date.now() + offset * 3_600_000).toISOString();
  const range = ['--from', hour(-1), '--to', hour(1)];
  await expect(ops('find', ODD, ...range)).resolves.toMatchObject({
    code: 0,
    answer: { versions: [{ bundle: answer.versions[0].bundle }] },
  });
  await expect(ops('find', 'never seen')).resolves.toMatchObject({ code: 3, answer: { versions: [] } });
});

it('shows when a file reached the disk, or why its receipt says nothing', async () => {
  const seen = async () => (await ops('find', 'plain')).answer.versions[0];
  const { bundle, landedAt, sha256, ...others } = await seen();
  expect(others).not.toHaveProperty('onDiskAt');
  const place = { Bucket: bucket('archive'), Key: receiptKey(bundle), IfNoneMatch: '*' };
  const landed = Date.parse(landedAt);
  const receipt = serializeReceipt({
    bundle: { key: bundle, size: 1, sha256 },
    consumer: 'inbox',
    layout: 'bundle',
    members: 2,
    firstLandedAt: landed,
    lastLandedAt: landed,
    startedAt: landed,
    finishedAt: landed,
  });
  await s3.send(new PutObjectCommand({ ...place, Body: receipt }));
  await expect(seen()).resolves.toMatchObject({ where: 'delivered', onDiskAt: landedAt });
  await s3.send(new DeleteObjectCommand({ Bucket: place.Bucket, Key: place.Key }));
  await s3.send(new PutObjectCommand({ ...place, Body: '{' }));
  await expect(seen()).resolves.toMatchObject({
    where: 'delivered',
    detail: `${place.Bucket}/${place.Key} is not JSON`,
  });
});

it('measures the backlog', async () => {
  const { payload } = await cloud.invoke('distribution-monitor', {});
  const waiting = await keysIn('distribution', 'bundles/');
  expect(JSON.parse(payload)).toMatchObject({ bundles: waiting.length, complete: true });
});

it('verifies bundles in distribution', async () => {
  const bundles = await keysIn('distribution', 'bundles/');
  await expect(ops('verify', ...bundles)).resolves.toMatchObject({ code: 0, answer: { bad: 0 } });
  await expect(ops('verify', 'bundles/none')).resolves.toMatchObject({ code: 3 });
});

it('delivers a bundle again, even from Glacier, and once per request', async () => {
  const [bundle = '', waiting = ''] = await keysIn('distribution', 'bundles/');
  await consume(bundle);
  const stored = await s3.send(new GetObjectCommand({ Bucket: bucket('archive'), Key: bundle }));
  const frozen = {
    Bucket: bucket('archive'),
    Key: bundle,
    Body: (await stored.Body?.transformToByteArray()) ?? '',
    Metadata: stored.Metadata ?? {},
    StorageClass: 'DEEP_ARCHIVE',
  } as const;
  await s3.send(new PutObjectCommand(frozen));

  const words = ['replay', '--bundle', bundle, waiting, '--request', 'r'];
  await expect(ops(...words)).resolves.toMatchObject({
    code: 0,
    answer: { executed: false, counts: { 'to-restore': 1, 'still-waiting': 1 } },
  });
  const asked = await ops(...words, '--execute');
  expect(asked).toMatchObject({ code: 4, answer: { counts: { restoring: 1 } } });
  expect(asked.answer.comeBackAt).toMatch(/^\d{4}-/);
  await expect(ops(...words, '--execute')).resolves.toMatchObject({
    code: 0,
    answer: { counts: { copied: 1 } },
  });
  const replay = `replays/r/${bundle}`;
  await expect(keysIn('distribution', 'replays/')).resolves.toEqual([replay]);
  await expect(ops('verify', replay)).resolves.toMatchObject({ code: 0 });
  await consume(replay);
  await expect(ops(...words, '--execute')).resolves.toMatchObject({
    answer: { counts: { 'already-there': 1 } },
  });
  await cloud.idle();
  await expect(keysIn('archive', 'replays/')).resolves.toEqual([]);
}, 30_000);

it('lists quarantined cases, redrives them, and drops them with a note', async () => {
  const listed = await ops('quarantine', 'list');
  expect(listed).toMatchObject({
    code: 0,
    answer: {
      reasons: [{ reason: 'unsafe-key', cases: 1, letters: 1 }],
      cases: [{ keys: [UNSAFE] }],
    },
  });
  const [{ id }] = listed.answer.cases;
  await expect(ops('quarantine', 'show', id)).resolves.toMatchObject({ answer: { letters: [{}] } });
  await expect(ops('quarantine', 'redrive', id)).resolves.toMatchObject({ answer: { plan: [{ id }] } });
  await expect(ops('quarantine', 'redrive', id, '--execute')).resolves.toMatchObject({ code: 0 });
  await cloud.idle();
  await expect(ops('quarantine', 'list')).resolves.toMatchObject({ answer: { cases: [{ id, letters: 1 }] } });

  await expect(ops('quarantine', 'drop', '--all', '--execute')).resolves.toMatchObject({ code: 2 });
  await expect(ops('quarantine', 'drop', '--all', '--note', 'x', '--execute')).resolves.toMatchObject({
    code: 0,
  });
  await expect(ops('quarantine', 'list')).resolves.toMatchObject({ answer: { cases: [] } });
  await expect(keysIn('archive', 'dropped/')).resolves.toHaveLength(1);
  await expect(ops('reconcile')).resolves.toMatchObject({ answer: { counts: { quarantined: 1, lost: 0 } } });
}, 60_000);

it('lists more than one page in order, with any characters in keys', async () => {
  const listing = createObjectListing(s3);
  const keys = Array.from({ length: 1_010 }, (_, n) => `many/${String(n).padStart(4, '0')}\u0001 +%`);
  const put = async (Key: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket('archive'), Key, Body: 'x' }));
  for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map(put));
  const start = { bucket: bucket('archive'), prefix: 'many/' };
  const objects: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await listing.objects({ ...start, after });
    objects.push(...page.objects.map(({ key }) => key));
    if ((after = page.next) === undefined) break;
  }
  expect(objects).toEqual(keys);
  const versions: string[] = [];
  for (let after: VersionMarker | undefined; ;) {
    const page = await listing.versions({ ...start, after });
    versions.push(...page.versions.map(({ key }) => key));
    if ((after = page.next) === undefined) break;
  }
  expect(versions).toEqual(keys);
}, 30_000);

it('explains wrong arguments in one sentence', async () => {
  await expect(ops('find', 'x', '--env', 'nowhere')).resolves.toMatchObject({
    code: 2,
    said: 'There is no function data-aggregator-nowhere-aggregator. Is "nowhere" deployed?\n',
  });
  await expect(ops('replay')).resolves.toMatchObject({
    code: 2,
    said: expect.stringContaining('Select bundles with'),
  });
  await expect(ops('reconcile', '--from', 'yesterday')).resolves.toMatchObject({ code: 2 });
  await expect(ops('backfill')).resolves.toMatchObject({
    code: 2,
    said: expect.stringContaining('--prefix'),
  });
  await expect(ops('backfill', '--prefix', '', '--resume')).resolves.toMatchObject({
    code: 2,
    said: '--check is for a preview; --resume needs --execute.\n',
  });
  await expect(ops('nonsense')).resolves.toMatchObject({ code: 2 });
  await expect(ops('replay', '--key', 'unknown')).resolves.toMatchObject({
    code: 1,
    said: expect.stringContaining('give "from" and "to"'),
  });
});
