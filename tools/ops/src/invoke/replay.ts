import { visible } from '@data-aggregator/terminal';
import * as v from 'valibot';
import { counted, size, table } from '../output.ts';

/** The part of the replayer's response that is shown. */
const answer = v.object({
  requestId: v.string(),
  executed: v.boolean(),
  counts: v.record(v.string(), v.number()),
  bytes: v.number(),
  bundles: v.array(
    v.object({
      bundle: v.string(),
      kind: v.string(),
      target: v.optional(v.string()),
      detail: v.optional(v.string()),
      size: v.optional(v.number()),
      storageClass: v.optional(v.string()),
    }),
  ),
  comeBackAt: v.optional(v.string()),
  continuation: v.optional(v.unknown()),
});

export type ReplayAnswer = v.InferOutput<typeof answer>;

/** @throws ValiError if the response does not match the schema */
export const parseReplayAnswer = (json: unknown): ReplayAnswer => v.parse(answer, json);

/** Joins the responses to the parts of one request. */
export function joinReplays(answers: readonly ReplayAnswer[]): Omit<ReplayAnswer, 'continuation'> {
  const counts: Record<string, number> = {};
  for (const one of answers) {
    for (const [kind, n] of Object.entries(one.counts)) counts[kind] = (counts[kind] ?? 0) + n;
  }
  const comeBackAt = answers
    .flatMap((one) => one.comeBackAt ?? [])
    .sort()
    .at(-1);
  return {
    requestId: answers[0]?.requestId ?? '',
    executed: answers[0]?.executed ?? false,
    counts,
    bytes: answers.reduce((sum, one) => sum + one.bytes, 0),
    bundles: answers.flatMap(({ bundles }) => bundles),
    ...(comeBackAt !== undefined && { comeBackAt }),
  };
}

/** Rows of the table in text output. */
const SHOWN = 50;

/** Describes the plan or the result in text. */
export function replayText({
  requestId,
  executed,
  counts,
  bytes,
  bundles,
  comeBackAt,
}: Omit<ReplayAnswer, 'continuation'>): string {
  if (bundles.length === 0) return 'No bundle matches.';
  const rows = bundles
    .slice(0, SHOWN)
    .map(({ bundle, kind, detail, storageClass }) => [kind, bundle, detail ?? storageClass ?? '']);
  const sums = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
  return [
    table(['', 'bundle', ''], rows),
    ...(bundles.length > SHOWN ? [`… and ${bundles.length - SHOWN} more; use --json to see all.`] : []),
    '',
    `${executed ? 'Request' : 'Plan of request'} ${visible(requestId)}: ${counted(bundles.length, 'bundle')}: ${sums}; ${size(bytes)}.`,
    ...(executed ? [] : [`Nothing was copied. Add --request ${visible(requestId)} --execute to do it.`]),
    ...(comeBackAt === undefined
      ? []
      : [`Restores finish by ${comeBackAt}. Then add --request ${visible(requestId)} --execute again.`]),
  ].join('\n');
}
