import { Ledger, markQuarantined, objectIdOf } from '../ledger/index.ts';
import { recordingLog } from '../observability/testing/index.ts';
import type { ListedVersion } from '../s3/index.ts';
import { parseNotification } from '../s3-event/index.ts';
import type { OutgoingMessage } from '../sqs/index.ts';
import { landedVersion, manualClock, memoryTable } from '../testing/index.ts';
import { classifyVersions, sendNotifications } from './index.ts';

const listed = (key: string, changes: Partial<ListedVersion> = {}): ListedVersion => ({
  key,
  versionId: 'v1',
  size: 3,
  etag: 'e',
  lastModified: 1_000,
  isLatest: true,
  storageClass: 'STANDARD',
  ...changes,
});

/** A ledger that knows the objects `delivered`, `busy`, `refused` and `undecided`. */
async function setUp() {
  const clock = manualClock();
  const log = recordingLog();
  const members = new Set([objectIdOf(landedVersion('delivered'))]);
  const membersOf = async (bundle: string) => {
    if (bundle === 'K3') throw new Error('the manifest is not JSON');
    return bundle === 'K1' ? members : undefined;
  };
  const common = { table: memoryTable(), clock, random: () => 0.5, publications: { membersOf } };
  const ledger = new Ledger({ ...common, uploads: { abort: async () => undefined } });
  const claim = { until: clock.now() + 60_000, expires: 9e9 };
  await ledger.claim(landedVersion('delivered'), { bundle: 'K1', ...claim });
  await ledger.claim(landedVersion('busy'), { bundle: 'K2', ...claim });
  await ledger.claim(landedVersion('undecided'), { bundle: 'K3', ...claim });
  await markQuarantined(landedVersion('refused'), 'too-large', 9e9, common);
  const dependencies = { ...common, log, landingBucket: 'landing', maxConcurrentReads: 2 };
  return {
    log,
    classify: (versions: readonly ListedVersion[]) => classifyVersions(versions, dependencies),
  };
}

it('classifies listed versions, and returns the lost ones in order', async () => {
  const { classify } = await setUp();
  const versions = [
    listed('lost 2'),
    listed('delivered'),
    listed('busy', { lastModified: 400 }),
    listed('refused', { lastModified: 10 }),
    listed('old', { versionId: 'null', lastModified: 10 }),
    listed('lost 1'),
  ];
  const classified = await classify(versions);
  expect(classified.counts).toEqual({
    examined: 6,
    delivered: 1,
    busy: 1,
    quarantined: 1,
    lost: 2,
    undecided: 0,
    unversioned: 1,
  });
  expect(classified.lost.map(({ key }) => key)).toEqual(['lost 2', 'lost 1']);
  expect(classified.unsettledSince).toBe(400);
});

it.each([
  ['lost', 1_000],
  ['busy', 1_000],
  ['undecided', 1_000],
  ['delivered', undefined],
  ['refused', undefined],
])('returns since when a version that is %s is unsettled: %p', async (key, since) => {
  const { classify } = await setUp();
  await expect(classify([listed(key)])).resolves.toMatchObject({ unsettledSince: since });
});

it('logs the versions about which it knows too little', async () => {
  const { classify, log } = await setUp();
  await classify([listed('lost'), listed('delivered')]);
  expect(log.events).toEqual([]);
  const unversioned = ['old 1', 'old 2'].map((key) => listed(key, { versionId: 'null' }));
  await classify([listed('lost'), ...unversioned, listed('undecided')]);
  expect(log.events).toMatchObject([
    { level: 'warn', event: 'objects.unversioned', fields: { objects: 2, first: 'old 1' } },
    { level: 'error', event: 'object.undecided', fields: { key: 'undecided', bundle: 'K3' } },
  ]);
});

it('sends one notification per object, and says which ones the queue accepted', async () => {
  const sent: OutgoingMessage[] = [];
  const objects = Array.from({ length: 25 }, (_, index) => ({
    ...landedVersion(`a b+/${index}`),
    size: 1,
    etag: 'e',
    landedAt: 5_000,
  }));
  const queue = {
    send: async (messages: readonly OutgoingMessage[]) => {
      sent.push(...messages);
      return messages.map(({ body }) => !body.includes('/13'));
    },
  };
  const accepted = await sendNotifications(objects, { queue, maxConcurrentSends: 2 });
  expect(accepted).toEqual(objects.map((_, index) => index !== 13));
  const keys = sent.map(({ body }) => {
    const notification = parseNotification(body);
    const [record] = notification.kind === 'records' ? notification.records : [];
    return record?.kind === 'landed' ? record.landed.key : undefined;
  });
  expect(keys.sort()).toEqual(objects.map(({ key }) => key).sort());
});
