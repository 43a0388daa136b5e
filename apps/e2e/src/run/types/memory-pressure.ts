import type { Check, Run } from '../run.ts';
import { s3Trigger } from './s3-trigger.ts';

/** More bytes at once than the function has memory: all are delivered, and none of its processes is killed. */
export async function memoryPressure(run: Run): Promise<Check[]> {
  const checks = await s3Trigger(run);
  const failed = await run.target.inside?.failedInvocations();
  if (failed === undefined) return checks;
  const problem = failed === 0 ? undefined : `${failed} invocations failed`;
  return [...checks, { name: 'no invocation runs out of memory', problem }];
}
