import { type S3EventRecord } from '@data-aggregator/shared-processing/s3-event';
import { notificationOf, recordOf } from '../testing/sandbox.ts';
import type { Proof } from './proof.ts';
import type { Stage } from './stage.ts';

/** What a bundling function needs each of its permissions for. */
const proofsOf = (name: string): readonly Proof[] => [
  {
    name: 'a notified version is bundled',
    needs: [
      's3:GetObjectVersion on landing/*',
      's3:PutObject on distribution/bundles/*',
      's3:PutObject on archive/manifests/*',
      'dynamodb:PutItem on table/ledger',
    ],
    ends: { bundled: 1, duplicates: 0 },
    run: async (stage, fn) => directly(stage, fn, recordOf(await stage.put())),
  },
  {
    // Without permission to list, S3 returns 403 for a missing object.
    name: 'a notification of a deleted version is quarantined with the reason gone',
    needs: ['s3:ListBucket on landing', `sqs:SendMessage on ${name}-dead-letters`],
    ends: { back: [], reasons: ['gone'] },
    async run(stage, fn) {
      const object = await stage.put();
      await stage.erase(object);
      const { back } = await asBatch(stage, fn, notificationOf(recordOf(object)));
      const letters = await stage.deadLetters();
      return { back, reasons: letters.map(({ attributes: { reason } }) => reason) };
    },
  },
  {
    name: 'a duplicate is dropped because a bundle record lists it',
    needs: ['dynamodb:GetItem on table/ledger'],
    ends: { bundled: 0, duplicates: 1 },
    async run(stage, fn) {
      const object = await stage.put();
      await stage.deliver(object);
      return directly(stage, fn, recordOf(object));
    },
  },
  {
    name: 'without a bundle record, a duplicate is dropped because of its bundle and manifest',
    needs: ['s3:GetObject on distribution/bundles/*', 's3:GetObject on archive/manifests/*'],
    ends: { bundled: 0, duplicates: 1 },
    async run(stage, fn) {
      const object = await stage.put();
      await stage.loseRecord(await stage.deliver(object));
      return directly(stage, fn, recordOf(object));
    },
  },
  {
    // Without permission to list, S3 returns 403 instead of 404 for a bundle that is not published.
    name: 'the claim of a dead builder is taken over',
    needs: ['s3:ListBucket on distribution'],
    ends: { bundled: 1, duplicates: 0 },
    async run(stage, fn) {
      const object = await stage.put();
      await stage.claimInVain(object);
      return directly(stage, fn, recordOf(object));
    },
  },
  {
    // Until the upload is aborted, the dead builder's CompleteMultipartUpload may still take effect.
    name: 'the upload of a dead builder is aborted, and its object is bundled',
    needs: ['s3:AbortMultipartUpload on distribution/bundles/*'],
    ends: { bundled: 1, duplicates: 0, isUploading: false },
    async run(stage, fn) {
      const object = await stage.put();
      const isUploading = await stage.uploadInVain(object);
      const answer = await directly(stage, fn, recordOf(object));
      return { ...answer, isUploading: await isUploading() };
    },
  },
  {
    // A 403 would count as a missing permission, and fail every batch that contains the notification.
    name: 'a missing manifest delays only its own files',
    needs: ['s3:ListBucket on archive'],
    ends: { back: [0] },
    async run(stage, fn) {
      const [object, other] = [await stage.put(), await stage.put()];
      const bundle = await stage.deliver(object);
      await stage.loseRecord(bundle);
      await stage.loseManifest(bundle);
      return asBatch(stage, fn, notificationOf(recordOf(object)), notificationOf(recordOf(other)));
    },
  },
  {
    name: 'the claim of an unreadable object is released for the next delivery',
    needs: ['dynamodb:DeleteItem on table/ledger'],
    ends: [{ back: [0] }, { back: [] }],
    async run(stage, fn) {
      const object = await stage.put();
      const message = notificationOf(recordOf(object));
      const { faults } = stage.cloud;
      faults.s3 = ({ key, operation }) =>
        operation === 'GetObject' && key === object.key ? { cutBeforeEffect: true } : undefined;
      const first = await asBatch(stage, fn, message);
      faults.s3 = undefined;
      return [first, await asBatch(stage, fn, message)];
    },
  },
  {
    name: 'a notification for which no time was left is requeued',
    needs: [`sqs:SendMessage on ${name}`],
    ends: { back: [0], requeued: 1 },
    timeoutSeconds: 4,
    async run(stage, fn) {
      // Members are read ahead, but written in the order of their names.
      const [slow, waiting] = [await stage.put(), await stage.put()].sort((a, b) => (a.key < b.key ? -1 : 1));
      if (slow === undefined || waiting === undefined) throw new Error('two were put');
      const { faults } = stage.cloud;
      faults.s3 = ({ key, operation }) =>
        operation === 'GetObject' && key === slow.key ? { delayMs: 3_500 } : undefined;
      const before = await waitingFor(stage, name);
      const messages = [slow, waiting].map((object) => notificationOf(recordOf(object)));
      const answer = await asBatch(stage, fn, ...messages);
      faults.s3 = undefined;
      return { ...answer, requeued: (await waitingFor(stage, name)) - before };
    },
  },
  {
    // Otherwise the message stays hidden until its visibility timeout ends.
    name: 'the message of an unreadable object returns soon',
    needs: [`sqs:ChangeMessageVisibility on ${name}`],
    ends: { back: [0], returnsSoon: true },
    async run(stage, fn) {
      const object = await stage.put();
      const { faults } = stage.cloud;
      faults.s3 = ({ key, operation }) =>
        operation === 'GetObject' && key === object.key ? { cutBeforeEffect: true } : undefined;
      const { message, returnsWithin } = await stage.receive(name, notificationOf(recordOf(object)));
      const { back } = await asBatch(stage, fn, message);
      faults.s3 = undefined;
      return { back, returnsSoon: await returnsWithin(MAX_FIRST_BACKOFF_SECONDS + 1) };
    },
  },
];

/** A message returns within this time after its first receive; see `retryDelaySeconds`. */
const MAX_FIRST_BACKOFF_SECONDS = 4;

export const aggregatorProofs: readonly Proof[] = [
  ...proofsOf('aggregator'),
  {
    name: 'the notification of an object that is too large for a batch is forwarded',
    needs: ['sqs:SendMessage on large-objects'],
    ends: { back: [], forwarded: 1 },
    environment: { MEMBER_MEMORY_BYTES: '5' },
    async run(stage, fn) {
      const object = await stage.put('more than five bytes');
      const before = await waitingFor(stage, 'large-objects');
      const { back } = await asBatch(stage, fn, notificationOf(recordOf(object)));
      return { back, forwarded: (await waitingFor(stage, 'large-objects')) - before };
    },
  },
];

export const largeObjectsProofs = proofsOf('large-objects');

/** Invokes with an S3 event. */
async function directly({ invoke }: Stage, fn: string, record: S3EventRecord): Promise<object> {
  const answer = await invoke(fn, { Records: [record] });
  if (answer.kind === 'error') return answer;
  const { bundles: _random, ...counts } = answer.value as Record<string, unknown>;
  return counts;
}

/** Invokes as the event source mapping does. @returns the batch item failures */
async function asBatch({ invoke }: Stage, fn: string, ...messages: (string | object)[]) {
  const Records = messages.map((message, index) => ({
    eventSource: 'aws:sqs',
    messageId: `${index}`,
    ...(typeof message === 'string' ? { body: message } : message),
  }));
  const answer = await invoke(fn, { Records });
  if (answer.kind === 'error') return { back: answer.type };
  const { batchItemFailures } = answer.value as { batchItemFailures: { itemIdentifier: string }[] };
  return { back: batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)).sort() };
}

/** Visible messages in a function's queue. */
async function waitingFor({ cloud }: Stage, name: string): Promise<number> {
  const { queues } = await cloud.stats();
  return queues.find((queue) => queue.name.endsWith(`-${name}`))?.visible ?? 0;
}
