import { setTimeout as sleep } from 'node:timers/promises';
import type { SentObject } from '@data-aggregator/pipeline-client';
import type { Proof } from './proof.ts';
import type { Stage } from './stage.ts';

/** By default, files of the last three minutes count as in progress. */
const environment = { SLO_SECONDS: '1' };

/** What the reconciler needs each of its permissions for. */
export const reconcilerProofs: readonly Proof[] = [
  {
    name: 'a lost file is requeued',
    needs: [
      's3:ListBucketVersions on landing',
      'dynamodb:GetItem on table/ledger',
      'sqs:SendMessage on aggregator',
    ],
    ends: { examined: 1, lost: 1, requeued: 1 },
    environment,
    run: (stage, fn) => reconciled(stage, fn, async () => undefined),
  },
  {
    name: 'without a bundle record, a file counts as delivered because of its bundle and manifest',
    needs: ['s3:GetObject on distribution/bundles/*', 's3:GetObject on archive/manifests/*'],
    ends: { examined: 1, delivered: 1 },
    environment,
    run: (stage, fn) =>
      reconciled(stage, fn, async (object) => stage.loseRecord(await stage.deliver(object))),
  },
  {
    // Without permission to list, S3 returns 403 instead of 404 for a bundle that is not published.
    name: 'a file claimed by a dead builder counts as lost',
    needs: ['s3:ListBucket on distribution'],
    ends: { examined: 1, lost: 1, requeued: 1 },
    environment,
    run: (stage, fn) => reconciled(stage, fn, stage.claimInVain),
  },
  {
    // A 403 would count as a missing permission, and end the run.
    name: 'a missing manifest leaves only its own files undecided',
    needs: ['s3:ListBucket on archive'],
    ends: { examined: 1, undecided: 1 },
    environment,
    run: (stage, fn) =>
      reconciled(stage, fn, async (object) => {
        const bundle = await stage.deliver(object);
        await stage.loseRecord(bundle);
        await stage.loseManifest(bundle);
      }),
  },
  {
    name: 'a scheduled run excludes others, and allows the next one',
    needs: ['dynamodb:PutItem on table/ledger', 'dynamodb:DeleteItem on table/ledger'],
    ends: ['ran', 'ran'],
    environment,
    async run(stage, fn) {
      await stage.forget('lease#reconciler');
      await stage.forget('reconciler#cursor');
      const event = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
      const ends = [];
      for (let runs = 0; runs < 2; runs++) {
        const answer = await stage.invoke(fn, event);
        ends.push(answer.kind === 'error' || 'skipped' in (answer.value as object) ? answer : 'ran');
      }
      return ends;
    },
  },
];

/** The counts of a manual run over one landed file. */
async function reconciled(stage: Stage, fn: string, happens: (object: SentObject) => Promise<unknown>) {
  // S3 timestamps are whole seconds. Wait, so that files of earlier proofs are outside this run's range.
  const from = Math.ceil(Date.now() / 1000) * 1000;
  await sleep(from - Date.now());
  await happens(await stage.put());
  await sleep(from + 2_000 - Date.now());
  const answer = await stage.invoke(fn, { from: new Date(from).toISOString() });
  if (answer.kind === 'error') return answer;
  const counts = Object.entries((answer.value as { counts: Record<string, number> }).counts);
  return Object.fromEntries(counts.filter(([name, count]) => name !== 'listed' && count > 0));
}
