import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { bucketOf, intakeOf } from '@data-aggregator/pipeline-client';
import type { Pipeline } from '@data-aggregator/pipeline-client/embedded';
import { startSandbox } from '../testing/sandbox.ts';

/** The sandbox's function timeout and grace: after it a claim of a failed attempt may be taken over. */
const CLAIM_LAPSES_MS = 13_000;
const KEYS = Array.from({ length: 20 }, (_, index) => `file ${index}`);

/** Waits until an invocation has failed as a whole, and sees that nothing was acknowledged or given up. */
async function nothingIsAcknowledged({ cloud, services }: Pipeline): Promise<void> {
  for (;;) {
    const stats = await cloud.stats();
    const { errors, visible, inFlight } = intakeOf(stats);
    if (errors > 0 && stats.running === 0) {
      expect(visible + inFlight).toBe(KEYS.length);
      expect(await services.deadMessages()).toEqual([]);
      return;
    }
    await sleep(100);
  }
}

async function everythingIsDelivered({ end }: Pipeline): Promise<void> {
  const { delivery } = await end();
  expect(delivery.delivered.map(({ key }) => key)).toEqual(KEYS);
  expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
}

describe('nothing is acknowledged or lost', () => {
  it('while the distribution bucket is missing', async () => {
    await using pipeline = await startSandbox();
    const { s3 } = pipeline.services;
    const Bucket = bucketOf(pipeline.cloud, 'distribution');
    await s3.send(new DeleteBucketCommand({ Bucket }));
    for (const key of KEYS) await pipeline.put(key);
    await nothingIsAcknowledged(pipeline);

    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await sleep(CLAIM_LAPSES_MS);
    await everythingIsDelivered(pipeline);
  });

  it('while the ledger is unreachable', async () => {
    await using pipeline = await startSandbox();
    const { faults } = pipeline.cloud;
    faults.dynamodb = () => ({ cutBeforeEffect: true });
    for (const key of KEYS) await pipeline.put(key);
    await nothingIsAcknowledged(pipeline);

    faults.dynamodb = undefined;
    await everythingIsDelivered(pipeline);
  });
});
