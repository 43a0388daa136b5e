import { INBOX, type Machine } from '../actors/consumer.ts';
import { bundleDay, bundleId } from '../../../../apps/consumer/src/inbox/bundle-id.ts';

const STATE = `${INBOX}/.consumer/`;

/** Whether the consumer's own files say that a bundle is done: by its receipt, or by the plan that becomes the receipt. */
export function hasReceipt(files: ReadonlyMap<string, Buffer>, bundle: string): boolean {
  return files.has(receiptPath(bundle)) || files.has(`${STATE}work/${bundleId(bundle)}/plan.json`);
}

export function receiptPath(bundle: string): string {
  return `${STATE}receipts/${bundleDay(bundle)}/${bundleId(bundle)}.json`;
}

/** The delivered files of a machine: path and content. */
export function visibleFiles({ disk }: Machine): [path: string, content: string][] {
  return [...disk.files(INBOX, false)]
    .filter(([path]) => !path.startsWith(STATE))
    .map(([path, bytes]) => [path, bytes.toString('utf8')]);
}
