import { randomBytes, randomUUID } from 'node:crypto';
import { replayKey } from '@data-aggregator/shared-processing/bundle-key';
import type { Proof } from './proof.ts';
import type { Answer, Stage } from './stage.ts';

/** What the replayer needs each of its permissions for. */
export const replayerProofs: readonly Proof[] = [
  {
    name: 'a consumed bundle is found by its time and delivered again',
    needs: [
      's3:ListBucket on archive',
      's3:GetObject on archive/*',
      's3:GetObject on distribution/*',
      's3:ListBucket on distribution',
      's3:PutObject on distribution/replays/*',
      'dynamodb:PutItem on table/ledger',
    ],
    ends: 'copied',
    async run(stage, fn) {
      const bundle = await taken(stage);
      const [from, to] = [-60_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
      return outcomeFor(bundle, await stage.invoke(fn, { requestId: randomUUID(), from, to, execute: true }));
    },
  },
  {
    name: 'a bundle is found by the key of one of its files',
    needs: ['s3:ListBucketVersions on landing', 'dynamodb:GetItem on table/ledger'],
    ends: 'still-waiting',
    async run(stage, fn) {
      const object = await stage.put();
      const bundle = await stage.deliver(object);
      const request = { requestId: randomUUID(), originalKey: object.key };
      return outcomeFor(bundle, await stage.invoke(fn, request));
    },
  },
  {
    name: 'a bundle in Deep Archive is restored',
    needs: ['s3:RestoreObject on archive/bundles/*'],
    ends: 'restoring',
    async run(stage, fn) {
      const bundle = await taken(stage);
      await stage.freeze(bundle);
      const request = { requestId: randomUUID(), bundles: [bundle], execute: true };
      return outcomeFor(bundle, await stage.invoke(fn, request));
    },
  },
  {
    // Until the upload is aborted, the completion that an earlier run sent may still take effect.
    name: 'the upload that an earlier run began is aborted before a large bundle is copied',
    needs: ['s3:AbortMultipartUpload on distribution/replays/*'],
    ends: { outcome: 'copied', isUploading: false },
    async run(stage, fn) {
      // S3 copies ranges only of objects over 5 MiB.
      const bundle = await taken(stage, randomBytes(6 * 1024 ** 2).toString('base64'));
      await stage.copiedByS3(bundle);
      const request = { requestId: randomUUID(), bundles: [bundle], execute: true };
      const isUploading = await stage.uploadTo(replayKey(request.requestId, bundle));
      const outcome = outcomeFor(bundle, await stage.invoke(fn, request));
      return { outcome, isUploading: await isUploading() };
    },
  },
  {
    name: 'a request can be repeated as soon as it was answered',
    needs: ['dynamodb:DeleteItem on table/ledger'],
    ends: ['copied', 'already-there'],
    async run(stage, fn) {
      const bundle = await taken(stage);
      const request = { requestId: randomUUID(), bundles: [bundle], execute: true };
      return [
        outcomeFor(bundle, await stage.invoke(fn, request)),
        outcomeFor(bundle, await stage.invoke(fn, request)),
      ];
    },
  },
];

async function taken(stage: Stage, content?: string): Promise<string> {
  const bundle = await stage.deliver(await stage.put(content));
  await stage.take(bundle);
  return bundle;
}

/** The outcome for a bundle in a response. */
function outcomeFor(bundle: string, answer: Answer): unknown {
  if (answer.kind === 'error') return answer;
  const { bundles } = answer.value as { bundles: { bundle: string; kind: string }[] };
  return bundles.find((outcome) => outcome.bundle === bundle)?.kind;
}
