import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { produce } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/** Files land, and all of them are delivered. */
export async function s3Trigger(run: Run): Promise<Check[]> {
  const expected = await produce(run);
  return judge(expected, await consume(run, expected));
}
