import { parseReceipt } from '@data-aggregator/shared-processing/receipt';
import { keyOf } from '../testing/bundles.ts';
import {
  archiveReceipt,
  type LocalReceipt,
  parseLocalReceipt,
  serializeLocalReceipt,
} from './local-receipt.ts';

const receipt: LocalReceipt = {
  bundle: { key: keyOf(1), versionId: 'v1', size: 10, sha256: 'a'.repeat(64) },
  ...{ consumer: 'host/id', layout: 'tree', folder: '' },
  ...{ firstLandedAt: 1_000, lastLandedAt: 2_000, startedAt: 3_000, finishedAt: 4_000 },
  files: [
    { name: 'a', path: 'a', size: 1, sha256: 'b'.repeat(64), key: 'a', versionId: 'v1' },
    { name: 'é"\n', path: 'é-1"\n', size: 2, sha256: 'c'.repeat(64), key: 'é' },
  ],
};
const byCopy: LocalReceipt = {
  ...receipt,
  bundle: { key: keyOf(1, '.tar'), size: 10, crc64nvme: '00c0ffee00c0ffee' },
  layout: 'bundle',
  files: [{ name: 'a', path: 'x/a', size: 1, crc64nvme: '00c0ffee00c0ffee', key: 'a' }],
};

it.each([receipt, byCopy])('is read as it was written', (it) => {
  expect(parseLocalReceipt(serializeLocalReceipt(it), 'file')).toEqual(it);
});

it('has one line for each file', () => {
  const lines = serializeLocalReceipt(receipt).split('\n');
  expect(lines.filter((line) => line.includes('"path"'))).toHaveLength(2);
});

it.each([
  ['empty', ''],
  ['not JSON', 'x'],
  ['not a receipt', '{}'],
  ['of another version', serializeLocalReceipt(receipt).replace('"schemaVersion": 1', '"schemaVersion": 2')],
])('is refused with its path if it is %s', (_what, text) => {
  expect(() => parseLocalReceipt(text, '/data/inbox/x.json')).toThrow('/data/inbox/x.json is not a receipt');
});

it('has the same statement in the archive, with the number of files', () => {
  const { files, folder: _, ...statement } = receipt;
  expect(parseReceipt(archiveReceipt(receipt), 'x')).toEqual({ ...statement, members: files.length });
  const { bundle } = parseReceipt(archiveReceipt(byCopy), 'x');
  expect(bundle).toEqual(byCopy.bundle);
});
