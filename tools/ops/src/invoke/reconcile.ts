import { visible } from '@data-aggregator/terminal';
import * as v from 'valibot';
import { counted, table } from '../output.ts';

/** What the reconciler answers, as far as it is shown. */
const answer = v.object({
  from: v.string(),
  to: v.string(),
  counts: v.record(v.string(), v.number()),
  lost: v.array(v.object({ key: v.string(), versionId: v.string(), landedAt: v.string() })),
  continuation: v.optional(v.unknown()),
  refused: v.optional(v.object({ reason: v.picklist(['too-recent', 'too-old']), detail: v.string() })),
});

export type ReconcileAnswer = v.InferOutput<typeof answer>;

/** @throws ValiError for an answer of another kind */
export const parseReconcileAnswer = (json: unknown): ReconcileAnswer => v.parse(answer, json);

/** Answers to the parts of one request as one. */
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

/** Lines of a table that people read. */
const SHOWN = 20;

/** What was found and done, for people. */
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
    `Landed from ${from} to ${to}: ${counted(n('examined'), 'object')}: ${n('delivered')} delivered, ${n('busy')} being worked on, ${n('quarantined')} in quarantine, ${n('lost')} lost.`,
    ...(n('undecided') > 0
      ? [`Of ${n('undecided')} it could not be found out; the function's log says why.`]
      : []),
    ...(n('unversioned') > 0
      ? [
          `${counted(n('unversioned'), 'object')} have no version: they cannot be requeued as what they were requeued as first. Copy each onto itself, in a bucket that keeps versions, to have it requeued.`,
        ]
      : []),
    ...(executed
      ? [`${counted(n('requeued'), 'object')} requeued.`]
      : n('lost') > 0
        ? ['Nothing was requeued. To do it: the same with --execute.']
        : []),
    ...(n('unsent') > 0 ? [`The queue did not take ${n('unsent')}: give the same command again.`] : []),
  ].join('\n');
}
