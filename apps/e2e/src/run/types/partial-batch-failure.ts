import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { produce } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/**
 * The first file cannot be read for a while: its message alone comes back, the others are delivered without it, and it
 * is delivered later. In an account nothing is made to fail.
 */
export async function partialBatchFailure(run: Run): Promise<Check[]> {
  const { inside } = run.target;
  inside?.refuseReads([`${run.prefix}source_file_0001.bin`]);
  const expected = await produce(run);
  const checks = judge(expected, await consume(run, expected));
  if (!inside) return checks;
  const [back, failed] = [await inside.itemFailures(), await inside.failedInvocations()];
  const problem =
    back === 1 && failed === 0 ? undefined : `${back} messages came back, ${failed} batches failed`;
  return [...checks, { name: 'one message comes back, and no whole batch', problem }];
}
