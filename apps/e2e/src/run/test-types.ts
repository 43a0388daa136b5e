import { identityOf, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { consume } from './consume.ts';
import { judge } from './judge.ts';
import { produce, put } from './produce.ts';
import { percentile } from './report.ts';
import type { Check, Run } from './run.ts';
import type { TestType } from './scenario.ts';

/** The steps and expectations of each test type. */
export const testTypes: Readonly<Record<TestType, (run: Run) => Promise<Check[]>>> = {
  s3_trigger: s3Trigger,
  direct_invoke: directInvoke,
  idempotency_check: idempotencyCheck,
  memory_pressure: memoryPressure,
  file_not_found: fileNotFound,
  key_sanitization: keySanitization,
  partial_batch_failure: partialBatchFailure,
  burst,
};

/** Files land, and each is delivered once. */
async function s3Trigger(run: Run): Promise<Check[]> {
  const expected = await produce(run);
  return judge(expected, await consume(run, expected));
}

/** One invocation with an S3 event for all files delivers them all, in as many bundles as needed. */
async function directInvoke(run: Run): Promise<Check[]> {
  const { target, progress, signal } = run;
  const expected = await produce(run);
  progress.phase('invoking');
  const landed = expected.map(({ object, landedAt }) => ({ ...object, etag: '0'.repeat(32), landedAt }));
  const problem = await target.invoke(toS3Event(landed), signal);
  if (problem !== undefined) progress.detail(`the invocation failed: ${problem}`);
  const checks = judge(expected, await consume(run, expected));
  // In an account, the queue delivers the same files too. If it is first, the invocation finds them claimed.
  return target.inside ? [...checks, { name: 'the invocation succeeds', problem }] : checks;
}

/** A key is overwritten with the same bytes: each version is delivered once. */
async function idempotencyCheck(run: Run): Promise<Check[]> {
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

/** More bytes arrive at once than the function has memory: all are delivered, and no invocation fails. */
async function memoryPressure(run: Run): Promise<Check[]> {
  const checks = await s3Trigger(run);
  const failed = await run.target.inside?.failedInvocations();
  if (failed === undefined) return checks;
  const problem = failed === 0 ? undefined : `${failed} invocations failed`;
  return [...checks, { name: 'no invocation runs out of memory', problem }];
}

/**
 * The last file's version is deleted before it is processed: it is quarantined, and the others are unaffected. (A delete marker
 * would not do: the version would still exist and be delivered.)
 */
async function fileNotFound(run: Run): Promise<Check[]> {
  const produced = await produce(run);
  const last = produced.at(-1);
  if (last) await run.target.remove(last.object);
  const expected = produced.map((one) => (one === last ? { ...one, quarantined: 'gone' } : one));
  return judge(expected, await consume(run, expected));
}

/** A key with `..` cannot be extracted safely: it is quarantined, and the valid one is delivered. */
async function keySanitization(run: Run): Promise<Check[]> {
  run.progress.phase('producing');
  const good = await put(run, `${run.prefix}safe_file.txt`);
  const climbing = await put(run, `${run.prefix}../../malicious_file.txt`);
  const expected = [good, { ...climbing, quarantined: 'unsafe-key' }];
  return judge(expected, await consume(run, expected));
}

/**
 * The first file is unreadable until its message returns: only that message returns, and all files are delivered. In an account,
 * no fault is injected.
 */
async function partialBatchFailure(run: Run): Promise<Check[]> {
  const { inside } = run.target;
  inside?.refuseReads([`${run.prefix}source_file_0001.bin`]);
  const expected = await produce(run);
  const checks = judge(expected, await consume(run, expected));
  if (!inside) return checks;
  const [back, failed] = [await inside.itemFailures(), await inside.failedInvocations()];
  const problem =
    back === 1 && failed === 0 ? undefined : `${back} messages returned, ${failed} batches failed`;
  return [...checks, { name: 'one message returns, and no whole batch', problem }];
}

/** The largest expected burst. */
const FILES_PER_SECOND = 100;
const OBJECTIVES = [
  { percent: 95, seconds: 120 },
  { percent: 99.9, seconds: 180 },
] as const;

/** Files land at the pace of a burst, and are delivered within the service level. */
async function burst(run: Run): Promise<Check[]> {
  const began = performance.now();
  const expected = await produce(run, { pace: FILES_PER_SECOND });
  const pace = (expected.length / (performance.now() - began)) * 1000;
  const checks = judge(expected, await consume(run, expected));
  const seconds = checks.flatMap((check) => (check.problem === undefined ? (check.seconds ?? []) : []));
  return [
    ...checks,
    {
      name: `${FILES_PER_SECOND} files a second land`,
      problem: pace >= 0.95 * FILES_PER_SECOND ? undefined : `only ${pace.toFixed(1)} did`,
    },
    ...OBJECTIVES.map((objective): Check => {
      const measured = percentile(seconds, objective.percent);
      const name = `${objective.percent} % are delivered within ${objective.seconds} s`;
      if (measured === undefined) return { name, problem: 'none was delivered' };
      const met = measured <= objective.seconds;
      return { name, problem: met ? undefined : `it took ${measured.toFixed(1)} s` };
    }),
  ];
}
