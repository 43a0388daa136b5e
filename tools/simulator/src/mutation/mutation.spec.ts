import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS, specFoldersFor } from './areas.ts';
import type { Mutant } from './mutate.ts';
import { REASONS } from './reasons/index.ts';
import { reportOf } from './report.ts';
import { lineAt, replaceAt, sliceOf } from './text.ts';

const ROOT = join(__dirname, '../../../..');
const TEXT = 'const a = 1;\n  if (a > 0) run(a);\n';
const location = { start: { line: 2, column: 7 }, end: { line: 2, column: 12 } };

const mutant = (fields: Partial<Mutant>): Mutant => ({
  file: 'libs/a.ts',
  location,
  line: 'if (a > 0) run(a);',
  original: 'a > 0',
  replacement: 'a >= 0',
  fate: 'survived',
  ...fields,
});

describe('the place of a mutant', () => {
  it('is read by lines and columns that start at 1', () => {
    expect(sliceOf(TEXT, location)).toBe('a > 0');
    expect(lineAt(TEXT, 2)).toBe('if (a > 0) run(a);');
  });

  it('is replaced without touching the rest', () => {
    expect(replaceAt(TEXT, location, 'false')).toBe('const a = 1;\n  if (false) run(a);\n');
  });
});

describe('the specs that run', () => {
  const ofAreas = specFoldersFor(Object.values(AREAS));

  it('are the same for all files of the areas', () => {
    expect(specFoldersFor(['libs/bundling/src/plan.ts'])).toEqual(ofAreas);
  });

  it('include those of the projects of other files, once', () => {
    expect(specFoldersFor(['libs/operations/src/**/*.ts'])).toEqual([...ofAreas, 'libs/operations/src']);
    const shared = 'libs/shared-processing/src';
    expect(specFoldersFor([`${shared}/keys/*.ts`])).toEqual([
      ...ofAreas.filter((folder) => !folder.startsWith(shared)),
      shared,
    ]);
  });
});

describe('reportOf', () => {
  const { file, line, original, replacement } = mutant({});
  const reason = { file, line, original, replacement, reason: 'a is positive' };

  it('counts what was killed, and separates survivors with a reason from those without', () => {
    const explained = mutant({});
    const unexplained = mutant({ replacement: 'true' });
    expect(reportOf([mutant({ fate: 'killed' }), explained, unexplained], [reason])).toEqual({
      killed: 1,
      survivors: [unexplained],
      equivalent: [explained],
    });
  });

  it('counts a mutant with a reason as killed if a test notices it', () => {
    expect(reportOf([mutant({ fate: 'killed' })], [reason])).toMatchObject({ killed: 1, equivalent: [] });
  });

  it.each(['file', 'line', 'original', 'replacement'] as const)(
    'ignores a reason with another %s',
    (field) => {
      expect(reportOf([mutant({ [field]: 'other' })], [reason]).survivors).toHaveLength(1);
    },
  );
});

describe('the reasons', () => {
  it('are about code that exists', () => {
    const stale = REASONS.filter(({ file, line, original }) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return !text.split('\n').some((each) => each.trim() === line) || !text.includes(original);
    });
    expect(stale).toEqual([]);
  });
});
