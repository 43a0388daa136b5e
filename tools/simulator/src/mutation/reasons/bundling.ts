import type { Reason } from '../report.ts';

export const BUNDLING: readonly Reason[] = [
  {
    file: 'libs/bundling/src/build.ts',
    line: '.sort((a, b) => (a.name < b.name ? -1 : 1));',
    original: 'a.name < b.name',
    replacement: 'a.name <= b.name',
    reason: 'No two members of a bundle have the same name.',
  },
];
