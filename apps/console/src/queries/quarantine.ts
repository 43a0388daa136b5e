import {
  type Case,
  casesOf,
  changeEach,
  type DeadLetters,
  drop,
  type ReceivedLetter,
  redrive,
  titleOf,
  withAllLetters,
} from '@data-aggregator/operations/quarantine';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import type { CaseChoice, Change, Quarantine, QuarantineCase, QuarantineSummary } from '../api.ts';
import type { Outcome, Prepared } from '../server/backend.ts';
import { ConsoleError, failureOf } from '../server/console-error.ts';
import type { Environment } from './environment.ts';
import { counted } from './words.ts';

/** Dead letters that are read: more would hide the queue from other readers for minutes. */
const MAX_LETTERS = 10_000;
/** A reading is shown again to pages that ask within this time, because each reading hides the letters. */
const FRESH_MS = 2_000;
const MAX_AFFECTED = 20;

/** What the aggregator's reasons mean; see "Dead letters" in the runbook. */
export const MEANINGS: Readonly<Record<string, string>> = {
  'malformed-notification': 'The message is not a notification of S3.',
  'unknown-bucket': 'The notification is about a bucket that is not landing.',
  'version-missing': 'The notification has no version, although landing keeps versions.',
  'unsafe-key': 'The key has no safe name in a bundle, such as one with a ".." segment.',
  'too-large': 'The object is larger than a bundle can be.',
  gone: 'The object version no longer exists in landing.',
  'access-denied': 'The aggregator may not read this object.',
  'key-unusable': 'The KMS key of the object is disabled, deleted or not shared with the aggregator.',
  archived: 'The object is in an archive storage class and must be restored first.',
  superseded: 'The object was overwritten in a bucket that keeps no versions.',
  'not-readable': 'S3 rejects requests for this object.',
  corrupted: 'The bytes that S3 sends do not match its own checksum, again and again.',
  'too-slow': 'The object could not be read in time, again and again.',
  'builder-died': 'Every process that bundled this object died, at the end with this object alone.',
  'tried-too-often':
    'SQS moved the message after its last receive, without a reason. The reconciler requeues its objects.',
  undelivered: 'EventBridge could not deliver the event to the queue.',
};
/** The quarantine: reading and changing it. Only one at a time, because readers hide dead letters from each other. */
export interface QuarantineQueries {
  list(): Promise<Quarantine>;
  show(id: string): Promise<QuarantineCase>;
  prepare(change: Change & { kind: 'redrive' | 'drop' }): Promise<Prepared>;
}

/** What the queries need of an environment. */
type QuarantineEnvironment = Pick<
  Environment,
  'clock' | 'random' | 'resources' | 'store' | 'table' | 'queue' | 'deadLetters'
>;

export function createQuarantine(environment: QuarantineEnvironment): QuarantineQueries {
  const { deadLetters, clock, resources } = environment;
  let turn: Promise<unknown> = Promise.resolve();
  let latest: { at: number; cases: Case[]; mayHaveMore: boolean } | undefined;

  /** Waits for earlier readers, whether or not they failed. */
  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  const read = () =>
    inTurn(async () => {
      if (latest && clock.now() - latest.at < FRESH_MS) return latest;
      return withAllLetters(deadLetters, MAX_LETTERS, async (letters, _remove, mayHaveMore) => {
        latest = { at: clock.now(), cases: casesOf(letters), mayHaveMore };
        return latest;
      });
    });

  /** Changes cases, one after the other. Whatever ends it early, the result says which cases were changed. */
  async function execute(
    ids: ReadonlySet<string>,
    { one, done }: CaseChange,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return inTurn(async () => {
      latest = undefined;
      let outcome: Outcome | undefined;
      const work = async (letters: ReceivedLetter[], remove: DeadLetters['remove']) => {
        outcome = await changeAll(casesOf(letters), remove);
      };
      try {
        await withAllLetters(deadLetters, MAX_LETTERS, work, signal);
      } catch (error) {
        if (!outcome) throw error;
        const hidden = `Dead letters that remain are hidden for up to ten minutes: ${failureOf(error).message}`;
        return { error, ...outcome, ok: false, sentences: [...outcome.sentences, hidden] };
      }
      return outcome ?? { ok: true, sentences: [] };
    });

    async function changeAll(all: readonly Case[], remove: DeadLetters['remove']): Promise<Outcome> {
      const cases = all.filter(({ id }) => ids.has(id));
      const missing = ids.size - cases.length;
      const { done: made, failed, unbegun } = await changeEach(cases, (found) => one(found, remove), signal);
      const changed = made.flatMap(({ case: { id }, result }) => (result === '' ? id : []));
      const problems = made.flatMap(({ result }) => (result === '' ? [] : result));
      if (failed) {
        problems.push(
          `Stopped at ${failed.case.id}, which may be changed in part and can be changed again: ${failureOf(failed.error).message}`,
        );
      }
      const left = unbegun.length;
      return {
        ok: problems.length === 0 && left === 0 && missing === 0,
        sentences: [
          done(changed.length),
          ...(left > 0 && changed.length > 0 ? [`Changed: ${changed.join(' ')}`] : []),
          ...problems,
          ...(left > 0 ? [`${counted(left, 'more case')} ${left === 1 ? 'was' : 'were'} not begun.`] : []),
          ...(missing > 0
            ? [
                `${counted(missing, 'case')} not found: no longer in the quarantine, or hidden by another reader for up to ten minutes.`,
              ]
            : []),
        ],
        ...(failed && { error: failed.error }),
      };
    }
  }

  return {
    async list() {
      const { at, cases, mayHaveMore } = await read();
      const reasons = Object.entries(Object.groupBy(cases, ({ reason }) => reason)).map(
        ([reason, of = []]) => ({
          reason,
          meaning: MEANINGS[reason] ?? '',
          cases: of.length,
          letters: of.reduce((sum, { letters }) => sum + letters.length, 0),
        }),
      );
      return {
        readAt: at,
        reasons,
        cases: cases.map(summaryOf),
        mayHaveMore,
        sentence: 'Reading the quarantine hides its dead letters from other readers for a moment.',
      };
    },

    async show(id) {
      const { cases } = await read();
      const found = cases.find((one) => one.id === id);
      if (!found) throw new ConsoleError('not-found', `There is no case ${id} any more.`);
      return {
        ...summaryOf(found),
        objects: found.objects.map(({ bucket, key, version, size, landedAt }) => ({
          bucket,
          key,
          version: versionTextOf({ version }),
          ...(size !== undefined && { size }),
          landedAt,
        })),
        messages: found.letters.map(({ id: message, sentAt, attributes, body }) => ({
          id: message,
          sentAt,
          attributes,
          body,
        })),
      };
    },

    async prepare(change) {
      const { cases, mayHaveMore } = await read();
      const chosen = chosenOf(cases, change);
      if (chosen.length === 0) throw new ConsoleError('not-found', 'No case in the quarantine matches.');
      const ids = new Set(chosen.map(({ id }) => id));
      const letters = chosen.reduce((sum, one) => sum + one.letters.length, 0);
      const objects = chosen.reduce((sum, one) => sum + one.objects.length, 0);
      const these = counted(chosen.length, 'case');
      const common = {
        affected: chosen.slice(0, MAX_AFFECTED).map(titleOf),
        affectedTotal: chosen.length,
      };
      const more =
        mayHaveMore && 'all' in change
          ? [`There may be more dead letters than the ${counted(letters, 'letter')} read; the others stay.`]
          : [];
      const log = { kind: change.kind, cases: [...ids], letters };
      if (change.kind === 'redrive') {
        return {
          preview: {
            ...common,
            title: `Redrive ${these}`,
            consequences: [
              `${these} ${chosen.length === 1 ? 'goes' : 'go'} back to the queue, ${chosen.length === 1 ? 'as one message' : 'each as one message'}, and ${counted(letters, 'dead letter')} ${letters === 1 ? 'is' : 'are'} removed.`,
              `The quarantine marks of ${counted(objects, 'object')} are deleted from the ledger.`,
              'What was delivered already is not delivered again: the ledger drops it.',
              'If the cause is not fixed, the cases come back with the same reason.',
              ...more,
            ],
            isFinal: false,
            confirmLabel: `Redrive ${these}`,
          },
          log,
          execute: (signal) =>
            execute(
              ids,
              {
                one: async (found, remove) => {
                  const { sent, lettersLeft } = await redrive(found, { ...environment, remove });
                  return sent
                    ? leftText(found, lettersLeft)
                    : `${found.id} could not be sent; nothing of it was removed.`;
                },
                done: (count) => `${counted(count, 'case')} sent back to the queue.`,
              },
              signal,
            ),
        };
      }
      const { archive } = resources.buckets;
      return {
        preview: {
          ...common,
          title: `Drop ${these}`,
          consequences: [
            `${counted(objects, 'file')} of ${these} will be in no bundle, for good.`,
            `The dead letters and your note are stored in ${archive}, under dropped/, and ${counted(letters, 'dead letter')} ${letters === 1 ? 'is' : 'are'} removed from the queue.`,
            'The ledger marks the objects as dropped, so the reconciler leaves them alone. They stay in landing until they expire.',
            ...more,
          ],
          isFinal: true,
          confirmLabel: `Drop ${these}`,
        },
        log: { ...log, note: change.note },
        execute: (signal) =>
          execute(
            ids,
            {
              one: async (found, remove) => {
                const { claimRetentionMs } = resources;
                const dependencies = { ...environment, remove, archive, claimRetentionMs };
                const { lettersLeft } = await drop(found, change.note, dependencies);
                return leftText(found, lettersLeft);
              },
              done: (count) =>
                `${counted(count, 'case')} dropped; the archive has the dead letters and the note.`,
            },
            signal,
          ),
      };
    },
  };
}

/** How to change a case. */
interface CaseChange {
  /** @returns what went wrong; empty if nothing did */
  one: (found: Case, remove: DeadLetters['remove']) => Promise<string>;
  done: (count: number) => string;
}

function leftText({ id, letters }: Case, left: number): string {
  if (left === 0) return '';
  return `${left} of ${counted(letters.length, 'dead letter')} of ${id} could not be removed.`;
}

function chosenOf(cases: readonly Case[], choice: CaseChoice): Case[] {
  if ('ids' in choice) return cases.filter(({ id }) => choice.ids.includes(id));
  if ('reason' in choice) return cases.filter(({ reason }) => reason === choice.reason);
  return [...cases];
}

function summaryOf({ id, reason, detail, letters, objects }: Case): QuarantineSummary {
  const [first] = letters;
  return {
    id,
    reason,
    detail,
    since: first?.sentAt ?? 0,
    letters: letters.length,
    keys: objects.map(({ key }) => key),
  };
}
