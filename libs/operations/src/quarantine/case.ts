import { createHash } from 'node:crypto';
import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { type LandedObject, parseNotification } from '@data-aggregator/shared-processing/s3-event';
import type { ReceivedLetter } from './dead-letters.ts';

/** All dead letters about the same objects with the same reason. */
export interface Case {
  /** Short, and stable while the case exists. */
  id: string;
  /**
   * The aggregator's reason; `tried-too-often` if SQS moved the message after its last receive; `undelivered` if EventBridge
   * could not send it to the queue.
   */
  reason: string;
  detail: string;
  /** The objects that it is about; empty if the notification is malformed. */
  objects: LandedObject[];
  /** Its dead letters, oldest first. */
  letters: ReceivedLetter[];
}

const BY_SQS = 'tried-too-often';
const BY_EVENT_BRIDGE = 'undelivered';

/** Groups dead letters into cases, oldest first. */
export function casesOf(letters: readonly ReceivedLetter[]): Case[] {
  const cases = new Map<string, Case>();
  for (const letter of letters.toSorted((a, b) => a.sentAt - b.sentAt)) {
    const { objects, isAll } = objectsOf(letter.body);
    const { reason, detail } = whyOf(letter);
    // A redrive sends one dead letter of a case for all, so none may say more than the others.
    const about = isAll ? objects.map(objectIdOf).sort().join() : letter.body;
    const id = createHash('sha256').update(`${reason}\n${about}`).digest('hex').slice(0, 12);
    const known = cases.get(id);
    if (known) known.letters.push(letter);
    else cases.set(id, { id, reason, detail, objects, letters: [letter] });
  }
  return [...cases.values()];
}

/** A one-line title of a case. */
export function titleOf({ objects: [first, ...others], letters }: Case): string {
  if (!first) return letters[0]?.body ?? '';
  return others.length > 0 ? `${first.key} and ${others.length} more` : first.key;
}

/** EventBridge names its error in attributes of its own. */
function whyOf({ attributes }: ReceivedLetter): { reason: string; detail: string } {
  const { reason, detail = '', ERROR_CODE: code, ERROR_MESSAGE: message = '' } = attributes;
  if (reason !== undefined) return { reason, detail };
  return code === undefined
    ? { reason: BY_SQS, detail }
    : { reason: BY_EVENT_BRIDGE, detail: `${code}: ${message}` };
}

/** The objects that a notification is about, and whether it is about nothing else. */
function objectsOf(body: string): { objects: LandedObject[]; isAll: boolean } {
  const notification = parseNotification(body);
  if (notification.kind !== 'records') return { objects: [], isAll: false };
  const { records } = notification;
  const objects = records.flatMap((record) => (record.kind === 'landed' ? record.landed : []));
  return { objects, isAll: objects.length > 0 && records.every(({ kind }) => kind !== 'malformed') };
}
