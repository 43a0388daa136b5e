import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { produce } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/**
 * The last file is gone before it is processed: it is put aside, and costs the others nothing. Its version is deleted;
 * of a key that is only deleted the version is still there, and is delivered.
 */
export async function fileNotFound(run: Run): Promise<Check[]> {
  const produced = await produce(run);
  const last = produced.at(-1);
  if (last) await run.target.remove(last.object);
  const expected = produced.map((one) => (one === last ? { ...one, quarantined: 'gone' } : one));
  return judge(expected, await consume(run, expected));
}
