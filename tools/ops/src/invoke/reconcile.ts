import { visible } from '@data-aggregator/terminal';
import * as v from 'valibot';
import { counted, table } from '../output.ts';

/** The part of the reconciler's response that is shown. */
const answer = v.object({
  from: v.string(),
  to: v.string(),
  counts: v.record(v.string(), v.number()),
  lost: v.array(v.object({ key: v.string(), versionId: v.string(), landedAt: v.string() })),
  continuation: v.optional(v.unknown()),
  refused: v.optional(v.object({ reason: v.picklist(['too-recent', 'too-old']), detail: v.string() })),
});

export type ReconcileAnswer = v.InferOutput<typeof answer>;

/** @throws ValiError if the response does not match the schema */
export const parseReconcileAnswer = (json: unknown): ReconcileAnswer => v.parse(answer, json);

/** Joins the responses to the parts of one request. */
export function joinReconciles(
  answers: readonly ReconcileAnswer[],
): Omit<ReconcileAnswer, 'continuation' | 'refused'> {
  const counts: Record<string, number> = {};
  for (const one of answers) {
    for (const [kind, n] of Object.entries(one.counts)) counts[kind] = (counts[kind] ?? 0) + n;
  }
  return {
    from: answers[0]?.from ?? '',
    to: answers[0]?.to ?? '',
    counts,
    lost: answers.flatMap(({ lost }) => lost),
  };
}

/** Rows of the table in text output. */
const SHOWN = 20;

/** Describes the result in text. */
export function reconcileText(
  { from, to, counts, lost }: Omit<ReconcileAnswer, 'continuation'>,
  executed: boolean,
): string {
  const n = (kind: string) => counts[kind] ?? 0;
  const rows = lost
    .slice(0, SHOWN)
    .map(({ key, versionId, landedAt }) => [landedAt, visible(key), versionId]);
  return [
    ...(rows.length > 0 ? [table(['landed', 'lost', 'version'], rows), ''] : []),
    `Landed from ${from} to ${to}: ${counted(n('examined'), 'object')}: ${n('delivered')} delivered, ${n('busy')} in progress, ${n('quarantined')} quarantined, ${n('lost')} lost.`,
    ...(n('undecided') > 0 ? [`${n('undecided')} could not be checked; see the function's log.`] : []),
    ...(n('unversioned') > 0
      ? [
          `${counted(n('unversioned'), 'object')} without a version: a requeued notification would not match the original one. Enable versioning, then copy each object onto itself to create a new notification.`,
        ]
      : []),
    ...(executed
      ? [`${counted(n('requeued'), 'object')} requeued.`]
      : n('lost') > 0
        ? ['Nothing was requeued. Add --execute to do it.']
        : []),
    ...(n('unsent') > 0 ? [`${n('unsent')} could not be sent to the queue; run the command again.`] : []),
  ].join('\n');
}
