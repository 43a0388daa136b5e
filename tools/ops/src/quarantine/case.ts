import { createHash } from 'node:crypto';
import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { type LandedObject, parseNotification } from '@data-aggregator/shared-processing/s3-event';
import type { ReceivedLetter } from './dead-letters.ts';

/** What cannot be delivered, however many letters tell of it. */
export interface Case {
  /** Short, and the same for as long as the case lasts. */
  id: string;
  /** The aggregator's word for it; `tried-too-often` where SQS itself put the message aside. */
  reason: string;
  detail: string;
  /** The objects that it is about; none where the notification is malformed. */
  objects: LandedObject[];
  /** The letters that tell of it, the oldest first. */
  letters: ReceivedLetter[];
}

/** The reason of messages that SQS put aside after their last receive. */
const BY_SQS = 'tried-too-often';

/** Letters by what they are about: the same objects for the same reason are one case. The oldest come first. */
export function casesOf(letters: readonly ReceivedLetter[]): Case[] {
  const cases = new Map<string, Case>();
  for (const letter of letters.toSorted((a, b) => a.sentAt - b.sentAt)) {
    const objects = objectsOf(letter.body);
    const reason = letter.attributes['reason'] ?? BY_SQS;
    const about = objects.length > 0 ? objects.map(objectIdOf).sort().join() : letter.body;
    const id = createHash('sha256').update(`${reason}\n${about}`).digest('hex').slice(0, 12);
    const known = cases.get(id);
    if (known) known.letters.push(letter);
    else cases.set(id, { id, reason, detail: letter.attributes['detail'] ?? '', objects, letters: [letter] });
  }
  return [...cases.values()];
}

/** What a case is called where there is one line for it. */
export function titleOf({ objects: [first, ...others], letters }: Case): string {
  if (!first) return letters[0]?.body ?? '';
  return others.length > 0 ? `${first.key} and ${others.length} more` : first.key;
}

function objectsOf(body: string): LandedObject[] {
  const notification = parseNotification(body);
  if (notification.kind !== 'records') return [];
  return notification.records.flatMap((record) => (record.kind === 'landed' ? record.landed : []));
}
