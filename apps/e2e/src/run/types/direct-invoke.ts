import { toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { produce } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/** One invocation with the S3 event of all files delivers them all, in as many bundles as it takes. */
export async function directInvoke(run: Run): Promise<Check[]> {
  const { target, progress, signal } = run;
  const expected = await produce(run);
  progress.phase('invoking');
  const landed = expected.map(({ object, landedAt }) => ({ ...object, etag: '0'.repeat(32), landedAt }));
  const problem = await target.invoke(toS3Event(landed), signal);
  if (problem !== undefined) progress.detail(`the invocation failed: ${problem}`);
  const checks = judge(expected, await consume(run, expected));
  // In an account the queue also delivers the same files; if it is first, the invocation finds them claimed.
  return target.inside ? [...checks, { name: 'the invocation succeeds', problem }] : checks;
}
