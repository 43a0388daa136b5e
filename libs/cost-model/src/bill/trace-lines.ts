import { type Line, line } from '../line.ts';
import { filesPerBatch, HOURS } from '../workload.ts';
import type { Estimate } from './design.ts';
import { bundlesPerMonth } from './storage-lines.ts';

const GB = 1e9;

/** Maximum size of an invocation's events about files: two spans with 128 KiB of events each. */
const MAX_FILE_BYTES = 2 * 128 * 1024;

/**
 * Lambda samples one invocation per second and 5 % of the others.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
const SAMPLED_PER_SECOND = 1;
const SAMPLED_OF_OTHERS = 0.05;

/** Spans, if the environment has tracing. Indexing of 1 % of them is free, and no more is needed. */
export function traceLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const invocations = design.tracing ? bundlesPerMonth(workload, assumptions, design) : 0;
  const perSecond = invocations / (HOURS * 3600);
  const sampled =
    perSecond <= SAMPLED_PER_SECOND
      ? perSecond
      : SAMPLED_PER_SECOND + SAMPLED_OF_OTHERS * (perSecond - SAMPLED_PER_SECOND);
  const ofFiles = filesPerBatch(workload, assumptions, design) * assumptions.traceBytesPerFile;
  const bytes = assumptions.traceBytesPerInvocation + Math.min(ofFiles, MAX_FILE_BYTES);
  return [line('Traces', 'spans', (sampled * HOURS * 3600 * bytes) / GB, prices.spansIngestGb)];
}
