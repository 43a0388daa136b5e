import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { put } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/** A key is overwritten with the same bytes: each version is delivered, once. */
export async function idempotencyCheck(run: Run): Promise<Check[]> {
  const key = `${run.prefix}overwritten.bin`;
  run.progress.phase('producing');
  const first = await put(run, key);
  const before = await consume(run, [first]);
  run.progress.phase('overwriting');
  const second = await put(run, key);
  const consumed = await consume(run, [first, second], before);

  const bundlesOf = (id: string) =>
    consumed.bundles.filter(({ members }) => members.some((member) => identityOf(member) === id));
  const deliveries = [first, second].map(({ object }) => bundlesOf(identityOf(object)).length);
  const checks = judge([first, second], consumed).map((check, index) => ({
    ...check,
    name: index < 2 ? `${check.name} (version ${index + 1})` : check.name,
  }));
  const problem = deliveries.every((count) => count === 1)
    ? undefined
    : `its versions were delivered ${deliveries.join(' and ')} times`;
  return [...checks, { name: 'two versions, two deliveries', problem }];
}
