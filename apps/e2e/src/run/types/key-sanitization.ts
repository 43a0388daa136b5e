import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { put } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/** A key that climbs out of its folder can never be extracted safely: it is put aside, the good one is delivered. */
export async function keySanitization(run: Run): Promise<Check[]> {
  run.progress.phase('producing');
  const good = await put(run, `${run.prefix}safe_file.txt`);
  const climbing = await put(run, `${run.prefix}../../malicious_file.txt`);
  const expected = [good, { ...climbing, quarantined: 'unsafe-key' }];
  return judge(expected, await consume(run, expected));
}
