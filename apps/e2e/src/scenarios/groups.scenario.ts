import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Cloud } from '@data-aggregator/local-cloud';
import { bucketOf } from '@data-aggregator/pipeline-client';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { consumedPrefixes, groupOfBundle, replayKey } from '@data-aggregator/shared-processing/bundle-key';
import { groupName, parseGroupBy, UNGROUPED } from '@data-aggregator/shared-processing/groups';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { startSandbox, synthesiseSandbox } from '../testing/sandbox.ts';
import { workspaceRoot } from '../workspace.ts';

const GROUP_BY = 'pattern:^in/([^/]+)/';
const groupOf = parseGroupBy(GROUP_BY);
/** Texts that uploaders may choose, some of them to look like another group or to widen a permission. */
const TEXTS = [
  'orders',
  'ORDERS',
  'orders-',
  'orders---x',
  '*',
  '?rders',
  '${aws:username}',
  '2026',
  'con',
  '.',
  '_ungrouped',
  'größe',
];
const LOOSE = ['in/loose.txt', 'elsewhere/orders/x.txt', 'bundles/orders/x'];

const nobody = { principals: [], sourceIps: [] };
const consumerGroups = {
  orders: { ...nobody, group: 'orders' },
  'big-orders': { ...nobody, group: 'ORDERS' },
  star: { ...nobody, group: '*' },
  others: { ...nobody, group: UNGROUPED },
};
const settings = {
  consumerGroups,
  // As in the sandbox, and with groups.
  everyFunction: {
    timeoutSeconds: 10,
    batchWindowSeconds: 1,
    batchSize: 200,
    environment: { BUNDLE_GROUP_BY: GROUP_BY, BUNDLE_MAX_MEMBERS: '20' },
  },
};

describe('bundles in groups', () => {
  it('hold files of one group each, which only the consumer of that group can read', async () => {
    using folder = temporaryFolder();
    const assembly = synthesiseSandbox(folder.path, settings);
    await using pipeline = await startSandbox({ assembly });
    const { cloud, services, put } = pipeline;

    const flood = Array.from({ length: 120 }, (_, n) => `in/flood/${n}.txt`);
    const others = TEXTS.flatMap((text) => [`in/${text}/a.txt`, `in/${text}/deep/b.txt`]);
    const keys = [...flood, ...others, ...LOOSE];
    await Promise.all(keys.map((key) => put(key)));
    // A file that is too large for a batch is in its group too.
    await put('in/orders/large.bin', Buffer.alloc(40 * 1024 ** 2));
    await pipeline.processed();

    const distribution = bucketOf(cloud, 'distribution');
    const before = await listed(services.s3, distribution, '');
    const groups = [...TEXTS.map(groupName), groupName('flood'), UNGROUPED];
    expect(new Set(before.map(groupOfBundle))).toEqual(new Set(groups));
    for (const bundle of before) {
      const { bundle: described, members } = parseManifest(
        (await services.archived(manifestKey(bundle))) ?? '',
        bundle,
      );
      for (const { key } of members) {
        expect(groupOf(key)).toEqual({ name: groupOfBundle(bundle), text: described.group });
      }
    }

    for (const [label, { group }] of Object.entries(consumerGroups)) {
      const own = group === UNGROUPED ? UNGROUPED : groupName(group);
      await expect(reachOf(cloud, label, own, before)).resolves.toEqual({
        listed: before.filter((bundle) => groupOfBundle(bundle) === own),
        readable: before.filter((bundle) => groupOfBundle(bundle) === own),
        listable: consumedPrefixes(own),
      });
    }

    const search = await ops(cloud, 'find', 'in/ORDERS/a.txt');
    expect(search).toMatchObject({ versions: [{ where: 'delivered', group: groupName('ORDERS') }] });
    const found = (search as { versions: { bundle: string }[] }).versions[0]?.bundle ?? '';
    await expect(ops(cloud, 'verify', ...before)).resolves.toMatchObject({ verified: before.length, bad: 0 });
    await expect(cloud.invoke('distribution-monitor', {})).resolves.toMatchObject({
      payload: expect.stringContaining(`"group":"${groupName('*')}","bundles":1`),
    });

    const { delivery, dead } = await pipeline.receive();
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    expect(delivery.delivered).toHaveLength(keys.length + 1);
    expect(dead).toEqual([]);

    const range = [
      '--from',
      new Date(Date.now() - 3_600_000).toISOString(),
      '--to',
      new Date().toISOString(),
    ];
    await expect(ops(cloud, 'find', 'in/ORDERS/a.txt', ...range, '--group', 'ORDERS')).resolves.toMatchObject(
      {
        versions: [{ where: 'delivered', bundle: found, consumer: 'taken' }],
      },
    );
    await expect(ops(cloud, 'find', 'in/ORDERS/a.txt', ...range, '--group', 'orders')).resolves.toMatchObject(
      {
        versions: [],
      },
    );
    const request = ['replay', ...range, '--group', 'ORDERS', '--request', 'again', '--execute'];
    await expect(ops(cloud, ...request)).resolves.toMatchObject({ counts: { copied: 1 } });
    const replayed = replayKey('again', found);
    await expect(reachOf(cloud, 'big-orders', groupName('ORDERS'), [replayed])).resolves.toMatchObject({
      listed: [replayed],
      readable: [replayed],
    });
    await expect(reachOf(cloud, 'orders', 'orders', [replayed])).resolves.toMatchObject({ readable: [] });
  }, 240_000);
});

/** What a group's consumer can list and read of some bundles, and which of some prefixes it can list. */
async function reachOf(cloud: Cloud, label: string, group: string, bundles: readonly string[]) {
  const role = Object.keys(cloud.credentials.perRole).find((name) => name.endsWith(`-consumer-of-${label}`));
  if (role === undefined) throw new Error(`the templates have no role for ${label}`);
  const s3 = new S3Client(cloud.clientConfig(role));
  const Bucket = bucketOf(cloud, 'distribution');
  const isAllowed = (call: Promise<unknown>) =>
    call.then(
      () => true,
      (error: Error) => {
        expect(error).toMatchObject({ name: 'AccessDenied' });
        return false;
      },
    );
  try {
    const own = consumedPrefixes(group);
    const prefixes = ['', 'bundles/', 'replays/', 'bundles/o', 'bundles/orders', 'bundles/flood/', ...own];
    const listable: string[] = [];
    for (const Prefix of prefixes) {
      if (await isAllowed(s3.send(new ListObjectsV2Command({ Bucket, Prefix })))) listable.push(Prefix);
    }
    const readable: string[] = [];
    for (const Key of bundles) {
      const read = s3
        .send(new GetObjectCommand({ Bucket, Key }))
        .then(({ Body }) => Body?.transformToByteArray());
      if (await isAllowed(read)) readable.push(Key);
      else expect(await isAllowed(s3.send(new DeleteObjectCommand({ Bucket, Key })))).toBe(false);
    }
    const lists = await Promise.all(own.map((prefix) => listed(s3, Bucket, prefix)));
    return { listed: lists.flat(), readable, listable };
  } finally {
    s3.destroy();
  }
}

async function listed(s3: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

/** Runs an operator's command against the cloud. @returns its JSON, whatever its exit status */
async function ops(cloud: Cloud, ...words: string[]): Promise<unknown> {
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.endpoint,
  };
  const program = join(workspaceRoot, 'tools/ops/src/main.ts');
  const args = [program, ...words, '--env', 'sandbox', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stdout: string }) => error,
  );
  return JSON.parse(stdout);
}
