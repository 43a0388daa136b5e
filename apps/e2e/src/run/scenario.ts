import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { Failure } from '@data-aggregator/pipeline-client';

const count = (least: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
  );
const text = v.pipe(v.string('must be a string'), v.nonEmpty('is empty'));
const flag = v.boolean('must be true or false');

export const testTypes = [
  's3_trigger',
  'direct_invoke',
  'idempotency_check',
  'memory_pressure',
  'file_not_found',
  'key_sanitization',
  'partial_batch_failure',
  'burst',
] as const;

/** A null value counts as absent. */
const schema = v.strictObject({
  description: v.nullish(v.string('must be a string'), ''),
  /** The steps and expectations. */
  test_type: v.nullish(v.picklist(testTypes, `must be one of ${testTypes.join(', ')}`), 's3_trigger'),
  /** Content of the files: incompressible bytes, or compressible text. */
  generator_type: v.nullish(
    v.picklist(['random', 'compressible'], 'must be "random" or "compressible"'),
    'random',
  ),
  landing_bucket: v.nullish(text),
  distribution_bucket: v.nullish(text),
  lambda_function_name: v.nullish(text),
  num_files: v.nullish(count(1), 1),
  /** MiB per file; 0 for empty files, fractions for small ones. */
  size_mb: v.nullish(v.pipe(v.number('must be a number'), v.minValue(0, 'must be at least 0')), 1),
  /** Concurrent uploads. */
  concurrency: v.nullish(count(1), 10),
  /** Time limit in seconds, counted from the end of the upload. */
  timeout_seconds: v.nullish(count(1), 300),
  /** Path of the JUnit report, relative to the working directory. */
  report_file: v.nullish(text),
  /** Whether to keep bundles on disk, and uploaded files in an account's bucket. */
  keep_files: v.nullish(flag, false),
  verbose: v.nullish(flag, false),
  /** `slow`: needs minutes or gigabytes. */
  tags: v.nullish(v.array(text), []),
});

/** One end-to-end test, as read from its file. */
export type Scenario = v.InferOutput<typeof schema>;
export type TestType = Scenario['test_type'];

/**
 * Reads a scenario.
 *
 * @throws Failure with one sentence that names the file and the invalid key
 */
export function readScenario(file: string): Scenario {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure(`${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  return parseScenario(content, file);
}

/** @throws Failure */
export function parseScenario(content: string, file: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw new Failure(`${file} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Failure(`${file} must contain a JSON object.`);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const key = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    throw new Failure(`${file}: unknown key "${key}".`);
  }
  throw new Failure(`${file}: "${key}" ${issue.message}.`);
}
