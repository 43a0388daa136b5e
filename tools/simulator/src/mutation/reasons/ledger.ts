import type { Reason } from '../report.ts';

export const LEDGER: readonly Reason[] = [
  {
    file: 'libs/shared-processing/src/ledger/lease.ts',
    line: "return holder ?? { owner: 'somebody', until: ours.until };",
    original: "'somebody'",
    replacement: '""',
    reason: 'The name is only compared with a random UUID, which it must not equal.',
  },
  {
    file: 'libs/shared-processing/src/ledger/object-status.ts',
    line: 'const answers = new Array<ObjectStatus>(objects.length);',
    original: 'new Array<ObjectStatus>(objects.length)',
    replacement: 'new Array()',
    reason: 'Every index is assigned before the list is returned.',
  },
  {
    file: 'libs/shared-processing/src/ledger/s3-publications.ts',
    line: 'const { members } = parseManifest(content, `${buckets.archive}/${key}`);',
    original: '`${buckets.archive}/${key}`',
    replacement: '``',
    reason: 'It is the wording of an error.',
  },
  {
    file: 'libs/shared-processing/src/ledger/dynamodb-table.ts',
    line: "{ maxSockets, access = environmentAccess('dynamodb') }: { maxSockets: number; access?: ServiceAccess },",
    original: "'dynamodb'",
    replacement: '""',
    reason:
      'It is part of the signature, which the embedded cloud of the scenarios verifies; the table of the specs does not.',
  },
];
