import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { objectOf, type SentObject, type Services } from '@data-aggregator/pipeline-client';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { Random } from '@data-aggregator/shared-processing/testing';

/** The prefix of the objects to backfill; the bucket has others as well. */
export const PREFIX = 'existing/ä +/';

const OVERWRITTEN_SHARE = 0.02;
const DELETED_SHARE = 0.01;
const MAX_BYTES = 1_000;
const AT_ONCE = 32;

/**
 * Fills landing, which sends no notifications, with object versions: some keys are overwritten, some deleted afterwards.
 *
 * @param onPut called after each version, with their number so far
 */
export async function putExisting(
  count: number,
  { services, random, signal, onPut }: Filling,
): Promise<SentObject[]> {
  const deleted: string[] = [];
  const bodies = Array.from({ length: count }, (_, number) => {
    const overwrites = number > 0 && random.chance(OVERWRITTEN_SHARE);
    const key = `${PREFIX}${overwrites ? random.below(number) : number} %2F.txt`;
    if (random.chance(DELETED_SHARE)) deleted.push(key);
    const body = Buffer.alloc(random.below(MAX_BYTES), `version ${number} `);
    return objectOf(key, body);
  });
  let put = 0;
  const sent = await mapConcurrently(bodies, AT_ONCE, async (object) => {
    signal.throwIfAborted();
    const version = await services.landing.put(object);
    onPut(++put);
    return version;
  });
  const { bucket } = services.landing;
  await mapConcurrently(deleted, AT_ONCE, (Key) =>
    services.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
  );
  return sent;
}

interface Filling {
  services: Services;
  random: Random;
  signal: AbortSignal;
  onPut: (count: number) => void;
}
