import { type NotifiedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import type { DeadLetters, ReceivedLetter } from '../quarantine/dead-letters.ts';

/** A dead-letter queue in memory. */
export interface MemoryLetters extends DeadLetters {
  /** All messages, hidden or not. */
  letters: ReceivedLetter[];
  hidden: Set<string>;
}

export function memoryLetters(letters: readonly ReceivedLetter[]): MemoryLetters {
  const queue = [...letters];
  const hidden = new Set<string>();
  return {
    letters: queue,
    hidden,
    async receive() {
      const received = queue.filter(({ id }) => !hidden.has(id)).slice(0, 10);
      for (const { id } of received) hidden.add(id);
      return received;
    },
    async giveBack(given) {
      for (const { id } of given) hidden.delete(id);
    },
    async remove(removed) {
      for (const { id } of removed) queue.splice(0, Infinity, ...queue.filter((one) => one.id !== id));
      return [];
    },
  };
}

const landed: NotifiedObject = {
  bucket: 'landing',
  key: 'a.txt',
  version: { kind: 'id', versionId: 'v1' },
  size: 1,
  etag: 'e',
  landedAt: Date.UTC(2026, 10, 22, 9),
};

/** A dead letter about one object. */
export function letter(id: string, key: string, reason?: string, sentAt = 0): ReceivedLetter {
  const body = JSON.stringify(toS3Event([{ ...landed, key }]));
  return { id, handle: `handle of ${id}`, body, attributes: reason ? { reason, detail: 'd' } : {}, sentAt };
}
