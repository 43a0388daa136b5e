import type { TestType } from '../scenario.ts';
import type { Check, Run } from '../run.ts';
import { burst } from './burst.ts';
import { directInvoke } from './direct-invoke.ts';
import { fileNotFound } from './file-not-found.ts';
import { idempotencyCheck } from './idempotency-check.ts';
import { keySanitization } from './key-sanitization.ts';
import { memoryPressure } from './memory-pressure.ts';
import { partialBatchFailure } from './partial-batch-failure.ts';
import { s3Trigger } from './s3-trigger.ts';

/** What is done for each test type. */
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
