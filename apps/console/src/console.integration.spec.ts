import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receiptKey, serializeReceipt } from '@data-aggregator/shared-processing/receipt';
import type { Change } from './api.ts';
import { policyOf, type PolicyDocument } from './policy.ts';
import { createBackend } from './queries/backend.ts';
import { connectEnvironment } from './queries/environment.ts';
import type { Backend } from './server/backend.ts';
import { failureOf } from './server/console-error.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from './testing/embedded-cloud.ts';
import { startProgram } from './testing/start-program.ts';

const WORKSPACE = join(__dirname, '../../..');
const ACCOUNT = '000000000000';
const REGION = 'eu-central-1';

/** One action on one resource. */
interface Permission {
  action: string;
  resource: string;
}

const full = policyOf({ env: 'dev', allowChanges: true, account: ACCOUNT, region: REGION });
const permissions: Permission[] = full.Statement.flatMap(({ Action, Resource }) =>
  Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))),
);
const nameOf = ({ action, resource }: Permission) =>
  `${action} on ${resource
    .replace(/^arn:aws:/, '')
    .replaceAll(`${REGION}:${ACCOUNT}:`, '')
    .replaceAll(`-${ACCOUNT}-${REGION}`, '')}`;

/** The policy without one permission, statement by statement. */
function without(index: number): PolicyDocument {
  return {
    ...full,
    Statement: permissions
      .filter((_, other) => other !== index)
      .map(({ action, resource }, n) => ({
        Sid: `S${n}`,
        Effect: 'Allow',
        Action: [action],
        Resource: [resource],
      })),
  };
}

const roles: Record<string, PolicyDocument> = {
  'console-changes': full,
  'console-reads': policyOf({ env: 'dev', account: ACCOUNT, region: REGION }),
  'console-anywhere': policyOf({ env: 'dev' }),
  ...Object.fromEntries(permissions.map((_, index) => [`console-without-${index}`, without(index)])),
};

const untilTheEnd = new AbortController().signal;
const KEY = 'in/<img src=x onerror=alert(1)>.txt';
const LATE_KEY = 'in/late.txt';

let cloud: EmbeddedCloud;
let waiting = '';
let taken = '';
let admin: Backend;

/** Connects as a role, or as the administrator. The SDK reads the environment's variables when a client is first used, so one at a time. */
async function backendOf(role?: string): Promise<Backend> {
  const keys = role === undefined ? cloud.credentials.admin : cloud.credentials.perRole[role];
  process.env['AWS_ACCESS_KEY_ID'] = keys?.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = keys?.secretAccessKey;
  const options = { target: 'local', endpoint: cloud.endpoint, env: 'dev' } as const;
  const environment = await connectEnvironment(options, process.env, WORKSPACE, () => undefined);
  return createBackend(environment, {
    runbook: join(WORKSPACE, 'docs/runbook.md'),
    assemblies: join(WORKSPACE, 'apps/infra/cdk.out'),
    root: WORKSPACE,
  });
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
}

const clients = () => {
  const config = {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials.admin,
    forcePathStyle: true,
  };
  return { s3: new S3Client(config), sqs: new SQSClient(config) };
};

async function land(Key: string): Promise<void> {
  await clients().s3.send(new PutObjectCommand({ Bucket: cloud.buckets['landing'], Key, Body: `of ${Key}` }));
}

/** A notification of an object that no bundle can contain. */
const unsafe = () =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: cloud.buckets['landing'], arn: 'arn:aws:s3:::landing' },
          object: { key: 'a/../b', size: 1, eTag: 'e', versionId: randomUUID(), sequencer: '00' },
        },
      },
    ],
  });

/** Puts a message into both quarantines. */
async function poison(): Promise<void> {
  for (const fn of ['aggregator', 'large-objects']) {
    const QueueUrl = cloud.queues[`data-aggregator-dev-${fn}-dead-letters`]?.url;
    await clients().sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: unsafe() }));
  }
}

async function bundleOf(key: string): Promise<string> {
  return until(async () => {
    const { versions } = await admin.file(key);
    const [version] = versions;
    return version?.where === 'delivered' ? version.bundle?.key : undefined;
  });
}

/** Takes a bundle, with a receipt, as the consumer does. */
async function take(bundle: string): Promise<void> {
  const { s3 } = clients();
  const at = Date.now();
  const Body = serializeReceipt({
    bundle: { key: bundle, size: 1, crc64nvme: '0'.repeat(16) },
    ...{ consumer: 'inbox', layout: 'bundle', members: 1 },
    ...{ firstLandedAt: at, lastLandedAt: at, startedAt: at, finishedAt: at },
  });
  await s3.send(new PutObjectCommand({ Bucket: cloud.buckets['archive'], Key: receiptKey(bundle), Body }));
  await s3.send(new DeleteObjectCommand({ Bucket: cloud.buckets['distribution'], Key: bundle }));
}

beforeAll(async () => {
  cloud = await startEmbeddedCloud(roles);
  admin = await backendOf();
  await land(KEY);
  await poison();
  taken = await bundleOf(KEY);
  await until(async () =>
    (await admin.bundle({ key: taken, part: '', offset: 0, limit: 1 })).isReplicated ? true : undefined,
  );
  await take(taken);
  await land(LATE_KEY);
  waiting = await bundleOf(LATE_KEY);
}, 60_000);
afterAll(() => cloud[Symbol.asyncDispose]());

describe('the embedded cloud', () => {
  it('shows the flow with what waits where', async () => {
    const { stages, deadLetters, largeObjects, bottleneck } = await admin.flow();
    expect(stages.map(({ name }) => name)).toEqual([
      'landing',
      'queue',
      'aggregator',
      'distribution',
      'consumer',
    ]);
    expect(stages[3]).toMatchObject({ waiting: 1, status: 'busy' });
    expect(stages[4]?.ratePerSecond).toBeDefined();
    expect(largeObjects).toMatchObject({ waiting: 0 });
    expect(deadLetters).toBe(2);
    expect(bottleneck.sentence).toMatch(/^Nothing holds files up/);
    // The function counts a bundle's files at the end of its invocation, after the bundle is visible.
    const { times, series, files } = await until(async () => {
      const history = await admin.history();
      const bundled = history.series.find(({ id }) => id === 'bundled')?.values ?? [];
      const files = bundled.reduce<number>((sum, value) => sum + (value ?? 0) * 60, 0);
      return files > 1.5 ? { ...history, files } : undefined;
    });
    expect(files).toBeCloseTo(2);
    expect(series.every(({ values }) => values.length === times.length)).toBe(true);
  });

  it('shows the life of a file that the consumer has, and of one that waits', async () => {
    const [done] = (await admin.file(KEY)).versions;
    expect(done?.timeline.map(({ name, state }) => [name, state])).toEqual(
      [
        'landed',
        'notified',
        'received',
        'claimed',
        'bundled',
        'published',
        'replicated',
        'taken',
        'receipt',
      ].map((name) => [name, 'done']),
    );
    expect(done?.bundle).toMatchObject({ key: taken, index: 0, members: 1 });
    const bundle = new GetObjectCommand({ Bucket: cloud.buckets['archive'], Key: taken });
    const { Body } = await clients().s3.send(bundle);
    const tar = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array());
    expect(tar.subarray(done?.bundle?.offset).toString().startsWith(`of ${KEY}\0`)).toBe(true);
    expect(done?.log.map(({ message }) => message)).toContain('bundle.published');
    const times = done?.timeline.flatMap(({ at }) => at ?? []) ?? [];
    expect(times.length).toBeGreaterThanOrEqual(7);

    const [late] = (await admin.file(LATE_KEY)).versions;
    expect(late?.timeline.slice(-2).map(({ state }) => state)).toEqual(['current', 'pending']);
    await expect(admin.file('never')).resolves.toMatchObject({
      versions: [],
      advice: { problem: expect.any(String) },
    });
    const { files } = await admin.searchFiles('onerror');
    expect(files.map(({ key }) => key)).toEqual([KEY]);
  });

  it('shows bundles, their members, and verifies and unpacks them', async () => {
    const list = async (state: 'waiting' | 'taken') =>
      (await admin.bundles({ state, limit: 10 })).bundles.map(({ key }) => key);
    await expect(list('waiting')).resolves.toEqual([waiting]);
    await expect(list('taken')).resolves.toEqual([taken]);
    const query = { key: taken, part: 'onerror', offset: 0, limit: 10 };
    await expect(admin.bundle(query)).resolves.toMatchObject({
      state: 'taken',
      total: 1,
      matching: 1,
      isReplicated: true,
      takenAt: expect.any(Number),
      receipt: { consumer: 'inbox' },
      members: [{ key: KEY, index: 0 }],
    });
    for (const key of [taken, waiting]) {
      await expect(admin.verify(key)).resolves.toMatchObject({ files: 1, problems: [] });
    }
    const file = await admin.member(taken, 0);
    await expect(text(await file.open())).resolves.toBe(`of ${KEY}`);
    await expect(admin.member(taken, 1)).rejects.toThrow('no file 1');
  });

  it('lists bundles page by page, newest first', async () => {
    const first = await admin.bundles({ state: 'waiting', limit: 1 });
    expect(first.bundles).toHaveLength(1);
    const rest = await admin.bundles({ state: 'taken', limit: 1 });
    expect(rest.bundles.map(({ key }) => key)).toEqual([taken]);
    const after = await admin.bundles({ state: 'taken', limit: 1, after: rest.next });
    expect(after.bundles).toEqual([]);
  });

  it('shows alarms with the runbook, functions with their logs, and the cost', async () => {
    const { alarms, counts } = await admin.alarms();
    const letters = alarms.find(({ id }) => id === 'aggregator-dead-letters');
    expect(letters).toMatchObject({
      state: 'ALARM',
      runbook: { title: 'Dead letters' },
      next: [{ view: 'quarantine' }],
    });
    expect(alarms.filter(({ runbook }) => runbook === undefined)).toEqual([]);
    expect(counts.alarm).toBe(alarms.filter(({ state }) => state === 'ALARM').length);

    const { functions } = await admin.functions();
    expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(['aggregator', 'reconciler']));
    expect(functions[0]).toMatchObject({ name: 'aggregator', errors: 0, maxMemoryMb: expect.any(Number) });
    const logs = (pattern: string) => admin.logs({ pattern, from: 0, to: Date.now() + 1000 });
    const { events } = await logs('bundle.published');
    expect(events.map(({ message }) => message)).toEqual(['bundle.published', 'bundle.published']);
    await expect(logs('"\\')).resolves.toEqual({ events: [] });
    await expect(logs('{ $.x = ')).rejects.toMatchObject({ kind: 'invalid' });

    const cost = await admin.cost();
    expect(cost.lines.length).toBeGreaterThan(20);
    expect(cost.usdPerMonth).toBeCloseTo(
      cost.lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0),
      6,
    );
    expect(cost.measured[0]?.value).toBeGreaterThan(0);
  });
});

describe('load', () => {
  const start = async (asked: Change & { kind: 'load' }) => {
    const { execute, preview } = await admin.prepare(asked);
    const { run } = await execute(untilTheEnd);
    const ended = await until(async () => {
      const found = admin.load?.state().runs.find(({ id }) => id === run?.id);
      return found?.state === 'running' ? undefined : found;
    });
    return { preview, ended };
  };

  it('states what will happen, then uploads a burst', async () => {
    const { preview, ended } = await start({ kind: 'load', action: 'burst', amount: 20 });
    expect(preview.consequences[0]).toContain(
      '20 files of 5,000 bytes each land in data-aggregator-dev-landing',
    );
    expect(ended).toMatchObject({ state: 'done', progress: 1 });
  });

  it('runs an end-to-end scenario', async () => {
    const { ended } = await start({ kind: 'load', action: 'scenario', choice: '00_single_file' });
    expect(ended).toMatchObject({
      state: 'done',
      sentence: expect.stringMatching(/^passed 00_single_file: 1 of 1/),
    });
  }, 60_000);

  it('refuses a scenario that does not exist', async () => {
    await expect(admin.prepare({ kind: 'load', action: 'scenario', choice: '../secret' })).rejects.toThrow(
      'There is no scenario "../secret"',
    );
  });

  it('refuses amounts out of bounds', async () => {
    await expect(admin.prepare({ kind: 'load', action: 'outage', amount: 301 })).rejects.toThrow(
      'at most 300',
    );
  });
});

describe('the program with --target aws', () => {
  it('reads with the minimal policy, over the endpoint of the profile, and refuses changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'console-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(folder, { recursive: true }));
    const config = join(folder, 'config');
    await writeFile(config, `[default]\nregion = ${REGION}\nendpoint_url = ${cloud.endpoint}\n`);
    const { accessKeyId = '', secretAccessKey = '' } = cloud.credentials.perRole['console-reads'] ?? {};
    const program = await startProgram('apps/console/src/main.ts', ['serve', '--target', 'aws', '--json'], {
      AWS_CONFIG_FILE: config,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    cleanup.defer(program.stop);
    const { port, token } = program.ready as { port: number; token: string };
    const origin = `http://127.0.0.1:${port}`;
    const headers = { authorization: `Bearer ${token}`, origin, 'content-type': 'application/json' };
    const get = async (path: string) => (await fetch(`${origin}/api/${path}`, { headers })).json();

    await expect(get('session')).resolves.toMatchObject({ target: 'aws', hasLoad: false, mayChange: false });
    await expect(get('flow')).resolves.toMatchObject({ deadLetters: expect.any(Number) });
    await expect(get('bundles?state=taken&limit=100')).resolves.toMatchObject({
      bundles: expect.arrayContaining([expect.objectContaining({ key: taken })]),
    });
    const refused = await fetch(`${origin}/api/changes/preview`, {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ kind: 'redrive', all: true }),
    });
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: 'read-only' }]);
  }, 30_000);
});

/** Reads that need a permission, by its name, or by the only action of it. */
const reads: Record<string, (backend: Backend) => Promise<unknown>> = {
  'lambda:GetFunctionConfiguration': async () => undefined,
  'cloudwatch:GetMetricData': (backend) => backend.flow(),
  'cloudwatch:DescribeAlarms': (backend) => backend.alarms(),
  'logs:FilterLogEvents': (backend) => backend.logs({ pattern: '', from: 0, to: Date.now() }),
  's3:ListBucket on s3:::data-aggregator-dev-landing': (backend) => backend.searchFiles('x'),
  's3:ListBucket on s3:::data-aggregator-dev-distribution': (backend) => backend.flow(),
  's3:ListBucket on s3:::data-aggregator-dev-archive': (backend) =>
    backend.bundles({ state: 'taken', limit: 1 }),
  's3:ListBucketVersions on s3:::data-aggregator-dev-landing': (backend) => backend.file(KEY),
  's3:ListBucketVersions on s3:::data-aggregator-dev-distribution': (backend) =>
    backend.bundle({ key: waiting, part: '', offset: 0, limit: 1 }),
  's3:GetObject on s3:::data-aggregator-dev-distribution/bundles/*': (backend) => backend.verify(waiting),
  's3:GetObject on s3:::data-aggregator-dev-distribution/replays/*': (backend) =>
    backend.verify(`replays/r/${waiting}`),
  's3:GetObject on s3:::data-aggregator-dev-archive/bundles/*': (backend) => backend.verify(taken),
  's3:GetObject on s3:::data-aggregator-dev-archive/manifests/*': (backend) =>
    backend.bundle({ key: waiting, part: '', offset: 0, limit: 1 }),
  's3:GetObject on s3:::data-aggregator-dev-archive/receipts/*': (backend) =>
    backend.bundle({ key: taken, part: '', offset: 0, limit: 1 }),
  'dynamodb:GetItem': (backend) => backend.file(KEY),
  'sqs:ReceiveMessage': (backend) => backend.quarantine(),
  'sqs:ChangeMessageVisibility': (backend) => backend.quarantine(),
};

async function change(backend: Backend, asked: Change): Promise<unknown> {
  const prepared = await backend.prepare(asked);
  const result = await prepared.execute(untilTheEnd);
  if (!result.ok) throw new Error(result.sentences.join(' '));
  return result;
}

const redrive = (backend: Backend) => change(backend, { kind: 'redrive', all: true });
const drop = (backend: Backend) => change(backend, { kind: 'drop', note: 'for a spec', all: true });
const changes: Record<string, (backend: Backend) => Promise<unknown>> = {
  'sqs:SendMessage': redrive,
  'sqs:DeleteMessage': redrive,
  'dynamodb:DeleteItem': redrive,
  'dynamodb:PutItem': drop,
  's3:PutObject': drop,
};

const proofOf = (permission: Permission) => {
  const all = { ...reads, ...changes };
  return all[nameOf(permission)] ?? all[permission.action];
};

describe('the policy', () => {
  it('has a proof for each permission', () => {
    expect(permissions.filter((one) => proofOf(one) === undefined).map(nameOf)).toEqual([]);
  });

  it.each(['console-reads', 'console-anywhere'])(
    '%s is enough for every route that reads',
    async (role) => {
      const backend = await backendOf(role);
      for (const [name, read] of Object.entries(reads)) {
        // Nothing was replayed, which is an answer too.
        if (!name.includes('replays')) await read(backend);
      }
      await backend.history();
      await backend.functions();
      await backend.cost();
      const { cases } = await backend.quarantine();
      await backend.quarantineCase(cases[0]?.id ?? '');
      await (await (await backend.member(taken, 0)).open()).toArray();
      await expect(redrive(backend)).rejects.toThrow();
    },
    30_000,
  );

  it.each(permissions.map((permission, index) => [nameOf(permission), permission, index] as const))(
    'is not enough without %s',
    async (_name, permission, index) => {
      const proof = proofOf(permission);
      // Failed proofs leave messages hidden.
      if (permission.action.startsWith('sqs:') || changes[permission.action]) await poison();
      const failed = await (async () => proof?.(await backendOf(`console-without-${index}`)))().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failed).toBeDefined();
      const denied = failureOf(failed).missingPermission ?? String(failed);
      expect(denied).toContain(
        permission.action === 'sqs:SendMessage' ? 'could not be sent' : permission.action,
      );
    },
    30_000,
  );

  it('with changes is enough to redrive and drop', async () => {
    const backend = await backendOf('console-changes');
    await poison();
    await expect(redrive(backend)).resolves.toMatchObject({ ok: true });
    await poison();
    const prepared = await backend.prepare({ kind: 'drop', note: 'for a spec', all: true });
    await expect(prepared.execute(untilTheEnd)).resolves.toMatchObject({ ok: true });
    const chosen = new Set(prepared.log['cases'] as string[]);
    const { cases } = await backend.quarantine();
    expect(cases.filter(({ id }) => chosen.has(id))).toEqual([]);
  }, 30_000);
});
