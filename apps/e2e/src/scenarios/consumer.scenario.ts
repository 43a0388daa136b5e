import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { parseReceipt, receiptKey } from '@data-aggregator/shared-processing/receipt';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { type BundleShape, makeBundle, type MadeBundle } from '../consumer/bundles.ts';
import { checkDisks } from '../consumer/check.ts';
import { canMountDisks, mountSmallDisk, type SmallDisk } from '../consumer/disk.ts';
import { newInbox, type RunningConsumer, startWorld, type World } from '../consumer/world.ts';
import { lastLine } from '../testing/quick-start-command.ts';

/* The built program against the embedded cloud, in processes of its own and with the permissions of its role. */

const NOTHING_WRONG = { missing: [], partial: [], duplicated: [] };
const FAST = { LIST_EVERY_SECONDS: '1', LOST_AFTER_SECONDS: '1', RESERVE_BYTES: '0' };
const random = createRandom(1);
let world: World;
let inbox: string;
let count = 0;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.killAll());
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  inbox = newInbox(world, `inbox-${++count}`);
});

async function publish(shape: Partial<BundleShape> = {}): Promise<MadeBundle> {
  const bundle = await makeBundle(random, world.distribution, { files: 5, maxBytes: 2_000, ...shape });
  await world.publish(bundle);
  return bundle;
}

const once = (...words: string[]) => world.start(['once', '--to', inbox, ...words]).ended;

/** Waits until a running consumer has reported an event of this name. */
async function reported({ events, ended }: RunningConsumer, name: string, times = 1): Promise<void> {
  let end: { stderr: string } | undefined;
  void ended.then((how) => (end = how));
  while (events.filter(({ event }) => event === name).length < times) {
    if (end) throw new Error(`the consumer ended before ${name}: ${end.stderr}`);
    await sleep(20);
  }
}

async function stopped({ child, ended }: RunningConsumer): Promise<number | null> {
  child.kill('SIGTERM');
  return (await ended).exitCode;
}

const named = ({ events }: RunningConsumer, name: string) => events.filter(({ event }) => event === name);

it('puts every file on disk, and says so in the archive, to status and to verify', async () => {
  const bundles = [
    await publish({ files: 40 }),
    await publish({ format: 'tar.zst' }),
    await publish({ files: 2, maxBytes: 18 * 1024 ** 2, noise: true }),
  ];
  const { exitCode } = await once();
  expect(exitCode).toBe(0);
  expect(await checkDisks([inbox], bundles)).toEqual(NOTHING_WRONG);
  for (const { key, files } of bundles) {
    const { Body } = await world.s3.send(
      new GetObjectCommand({ Bucket: world.archive, Key: receiptKey(key) }),
    );
    expect(parseReceipt((await Body?.transformToString()) ?? '', key)).toMatchObject({ members: files.size });
  }
  const status = await world.start(['status', '--to', inbox, '--json']).ended;
  expect(status.exitCode).toBe(0);
  expect(lastLine(status.stdout)).toMatchObject({
    running: null,
    delivered: { bundles: 3, files: 47 },
    waiting: { bundles: 0 },
    setAside: [],
  });
  expect((await world.start(['verify', inbox]).ended).exitCode).toBe(0);
  const [file = ''] = bundles[0]?.files.keys() ?? [];
  const receipt = JSON.parse(readFileSync(receiptPath(bundles[0]), 'utf8')) as { folder: string };
  writeFileSync(join(inbox, receipt.folder, file), 'changed');
  const verified = await world.start(['verify', inbox]).ended;
  expect(verified.exitCode).toBe(3);
  expect(verified.stdout).toContain('46 intact, 0 missing, 1 damaged');
});

function receiptPath(bundle: MadeBundle | undefined): string {
  const name = bundle?.key.split('/').at(-1)?.replace('.tar.gz', '.json') ?? '';
  const day = new Date().toISOString().slice(0, 10);
  return join(inbox, '.consumer/receipts', day, name);
}

it('learns about a new bundle from the queue at once, also in a tree', async () => {
  const consumer = world.start(['run', '--to', inbox, '--layout', 'tree']);
  await reported(consumer, 'consumer.started');
  await sleep(500);
  const bundle = await publish();
  const published = performance.now();
  await reported(consumer, 'bundle.delivered');
  // The next listing comes after 300 s.
  expect(performance.now() - published).toBeLessThan(30_000);
  expect(await checkDisks([inbox], [bundle])).toEqual(NOTHING_WRONG);
  expect(await stopped(consumer)).toBe(0);
  expect(named(consumer, 'consumer.stopped')).toHaveLength(1);
});

it('works with listings alone', async () => {
  const consumer = world.start(['run', '--to', inbox], { READY_QUEUE_URL: '', LIST_EVERY_SECONDS: '1' });
  const bundle = await publish();
  await reported(consumer, 'bundle.delivered');
  expect(await checkDisks([inbox], [bundle])).toEqual(NOTHING_WRONG);
  await stopped(consumer);
});

it('refuses an inbox on which another consumer works, until that one is killed', async () => {
  const consumer = world.start(['run', '--to', inbox]);
  await reported(consumer, 'consumer.started');
  const refused = await once();
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain(`process ${consumer.child.pid}`);
  consumer.child.kill('SIGKILL');
  await consumer.ended;
  expect((await once()).exitCode).toBe(0);
});

it('shares bundles with a consumer on another machine: each goes to one of them', async () => {
  const other = newInbox(world, 'other');
  const bundles = await Promise.all(Array.from({ length: 24 }, () => publish()));
  const both = [inbox, other].map((to) => world.start(['once', '--to', to]).ended);
  expect((await Promise.all(both)).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(await checkDisks([inbox, other], bundles)).toEqual(NOTHING_WRONG);
});

it('sets damaged bundles aside with a reason, delivers the next, and replays them once they are whole', async () => {
  const [damaged, lacking, next] = [await publish(), await publish(), await publish()];
  const put = (Bucket: string, Key: string, Body: Uint8Array | string) =>
    world.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await put(world.distribution, damaged.key, Buffer.from('not a bundle'));
  await put(world.archive, manifestKey(lacking.key), 'not a manifest');
  const { exitCode, stdout } = await once();
  expect(exitCode).toBe(3);
  expect(stdout).toContain('"reason":"not-a-bundle"');
  expect(stdout).toContain('"reason":"manifest-invalid"');
  expect(await checkDisks([inbox], [next])).toEqual(NOTHING_WRONG);
  // They stay aside, and nothing is said again.
  const again = await once();
  expect(again.stdout).not.toContain('set-aside');
  expect((await world.start(['status', '--to', inbox]).ended).stdout).toMatch(/set aside +2/);

  await put(world.distribution, damaged.key, damaged.body);
  await put(world.archive, manifestKey(lacking.key), lacking.manifest);
  for (const { key } of [damaged, lacking]) {
    expect((await world.start(['replay', key, '--to', inbox]).ended).exitCode).toBe(0);
  }
  expect(await checkDisks([inbox], [damaged, lacking, next])).toEqual(NOTHING_WRONG);
  const gone = await world.start(['replay', next.key, '--to', inbox]).ended;
  expect(gone.exitCode).toBe(3);
  expect(gone.stdout).toContain('no longer in the bucket');
  expect(await checkDisks([inbox], [damaged, lacking, next])).toEqual(NOTHING_WRONG);
});

describe('while something stops the work, it says so once, and continues by itself:', () => {
  const calm = () => world.cloud.faults.s3;
  let before: ReturnType<typeof calm>;
  beforeEach(() => (before = calm()));
  afterEach(() => {
    world.cloud.faults.s3 = before;
  });

  async function continues(
    condition: string,
    begin: () => void,
    end: () => void,
    disk?: SmallDisk,
  ): Promise<void> {
    begin();
    const consumer = world.start(['run', '--to', inbox], FAST, disk);
    const bundle = await publish({ files: 3, maxBytes: 400_000, noise: true });
    await reported(consumer, `stopped.${condition}`);
    await sleep(2_500);
    end();
    await reported(consumer, `continued.${condition}`);
    await reported(consumer, 'bundle.delivered');
    expect(named(consumer, `stopped.${condition}`)).toHaveLength(1);
    expect(await checkDisks([disk?.outside ?? inbox], [bundle])).toEqual(NOTHING_WRONG);
    expect(await stopped(consumer)).toBe(0);
  }

  const ofConsumer = (accessKeyId: string | undefined) =>
    accessKeyId === world.environment['AWS_ACCESS_KEY_ID'];
  const lift = () => (world.cloud.faults.s3 = before);

  it('the network is down', () =>
    continues(
      'network',
      () => {
        world.cloud.faults.s3 = ({ accessKeyId }) =>
          ofConsumer(accessKeyId) ? { cutBeforeEffect: true } : undefined;
      },
      lift,
    ));

  it('S3 throttles', () =>
    continues(
      'throttled',
      () => {
        world.cloud.faults.s3 = ({ accessKeyId, operation }) =>
          ofConsumer(accessKeyId) && operation === 'GetObject'
            ? { status: 503, code: 'SlowDown' }
            : undefined;
      },
      lift,
    ));

  // Where no disk can be mounted, these are reported as skipped.
  (canMountDisks() ? describe : describe.skip)('on a disk of its own,', () => {
    let disk: SmallDisk;
    beforeEach(async () => {
      disk = await mountSmallDisk(inbox, 24);
    });
    afterEach(() => disk[Symbol.dispose]());

    it('the disk is full', async () => {
      await disk.fill();
      await continues('disk-full', () => undefined, disk.empty, disk);
    });

    it('the disk is read-only', async () => {
      const consumer = world.start(['run', '--to', inbox], FAST, disk);
      await reported(consumer, 'consumer.started');
      disk.remount('ro');
      const bundle = await publish();
      await reported(consumer, 'stopped.disk-read-only');
      disk.remount('rw');
      await reported(consumer, 'continued.disk-read-only');
      await reported(consumer, 'bundle.delivered');
      expect(await checkDisks([disk.outside], [bundle])).toEqual(NOTHING_WRONG);
      await stopped(consumer);
      // A consumer that starts now can do nothing, and says why.
      disk.remount('ro');
      const refused = await world.start(['once', '--to', inbox], {}, disk).ended;
      expect(refused.exitCode).toBe(4);
      expect(refused.stderr).toContain('The inbox cannot be written.');
    });
  });
});

it('works with a clock that is wrong by a day, says so, and uses AWS’s time', async () => {
  const bundle = await publish();
  const shift = join(world.folder, 'shift.mjs');
  writeFileSync(
    shift,
    `const { now } = Date;
Date.now = () => now() + 86_400_000;
globalThis.Date = class extends Date {
  constructor(...parts) { super(...(parts.length > 0 ? parts : [now() + 86_400_000])); }
};`,
  );
  const consumer = world.start(['run', '--to', inbox], { NODE_OPTIONS: `--import=${shift}` });
  await reported(consumer, 'bundle.delivered');
  await reported(consumer, 'clock.wrong');
  expect(named(consumer, 'clock.wrong')[0]?.['seconds']).toBeLessThan(-86_000);
  const { Body } = await world.s3.send(
    new GetObjectCommand({ Bucket: world.archive, Key: receiptKey(bundle.key) }),
  );
  const { finishedAt } = parseReceipt((await Body?.transformToString()) ?? '', bundle.key);
  expect(Math.abs(finishedAt - Date.now())).toBeLessThan(60_000);
  await stopped(consumer);
});

it('runs the hook after each bundle, and again until it succeeds', async () => {
  const log = join(world.folder, 'hook.log');
  const exec = `test -e "${log}.ready" && echo "$CONSUMER_BUNDLE $CONSUMER_FOLDER" >> "${log}"`;
  const bundle = await publish();
  const failing = await once('--exec', exec);
  expect(failing.stdout).toContain('"event":"hook.failed"');
  expect(await checkDisks([inbox], [bundle])).toEqual(NOTHING_WRONG);
  writeFileSync(`${log}.ready`, '');
  await once('--exec', exec);
  await once('--exec', exec);
  expect(readFileSync(log, 'utf8')).toMatch(new RegExp(`^${bundle.key} ${inbox}/bundle-\\S+\\n$`));
  rmSync(`${log}.ready`);
});

it('delivers a replayed bundle again, next to the first copy', async () => {
  const bundle = await publish();
  await once();
  const Key = `replays/r1/${bundle.key}`;
  await world.s3.send(new PutObjectCommand({ Bucket: world.distribution, Key, Body: bundle.body }));
  expect((await once()).exitCode).toBe(0);
  expect((await world.start(['verify', inbox]).ended).stdout).toContain('10 files of 2 bundles: 10 intact');
});

it('deletes a delivered bundle again that somebody restores, without a second copy', async () => {
  const consumer = world.start(['run', '--to', inbox], FAST);
  const bundle = await publish();
  await reported(consumer, 'bundle.delivered');
  const object = { Bucket: world.distribution, Key: bundle.key };
  await world.s3.send(new PutObjectCommand({ ...object, Body: bundle.body }));
  await reported(consumer, 'bundle.known');
  await expect(world.s3.send(new HeadObjectCommand(object))).rejects.toMatchObject({ name: 'NotFound' });
  expect(await stopped(consumer)).toBe(0);
  expect(await checkDisks([inbox], [bundle])).toEqual(NOTHING_WRONG);
});

it('serves metrics on request', async () => {
  await publish();
  const consumer = world.start(['run', '--to', inbox, '--metrics-port', '0']);
  await reported(consumer, 'bundle.delivered');
  const url = String(named(consumer, 'metrics.served')[0]?.['url']);
  expect(await (await fetch(url)).text()).toContain('consumer_bundles_delivered_total 1\n');
  await stopped(consumer);
});
