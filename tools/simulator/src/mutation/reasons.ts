import type { Reason } from './report.ts';

/** Mutants that no test notices, each with the reason why none can or should. */
export const REASONS: readonly Reason[] = [
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
];
