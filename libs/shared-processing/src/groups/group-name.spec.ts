import * as fc from 'fast-check';
import { safeSegment } from '../keys/index.ts';
import { groupName, isGroupName, UNGROUPED } from './index.ts';

/** Texts near the border between the forms, where two of them would meet if any did. */
const nearlyPlain = fc
  .array(fc.constantFrom('a', '0', '2026', '-', '--', '---', '.', '_', '/', 'A', 'é', 'con', '_ungrouped'), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(''));
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 });
const names = anyText.map(groupName);
const texts = fc.oneof(nearlyPlain, anyText, names, nearlyPlain.map(groupName));

describe('groupName', () => {
  it.each([
    ['orders', 'orders'],
    ['in/acme', 'in--acme'],
    ['acme.com', 'acme.com'],
    ['acme_2026-11', 'acme_2026-11'],
    ['a'.repeat(63), 'a'.repeat(63)],
  ])('keeps %s readable as %s', (text, name) => {
    expect(groupName(text)).toBe(name);
  });

  it.each([
    ['ACME', /^acme---[0-9a-f]{32}$/],
    ['in--acme', /^in-acme---/],
    ['2026', /^2026---/],
    ['con', /^con---/],
    ['com1.x/a', /^com1-x-a---/],
    ['../x', /^x---/],
    ['*', /^group---/],
    ['${aws:username}', /^aws-username---/],
    [UNGROUPED, /^ungrouped---/],
    ['a'.repeat(1024), /^a{24}---/],
    ['\ud800', /^group---/],
  ])('adds a hash to %j', (text, name) => {
    expect(groupName(text)).toMatch(name);
  });

  it('gives different texts different names, also where file names ignore case', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        fc.pre(one !== other);
        expect(groupName(one)).not.toBe(groupName(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is a short segment that is safe in keys, policies and paths, and never looks like a year', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const name = groupName(text);
        expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,62}$/);
        expect(name).not.toMatch(/^\d{4}$/);
        expect(safeSegment(name)).toBe(name);
        expect(isGroupName(name)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('isGroupName', () => {
  it.each([UNGROUPED, 'acme', 'in--acme', `acme---${'0'.repeat(32)}`])('accepts %s', (name) => {
    expect(isGroupName(name)).toBe(true);
  });

  it.each(['', 'ACME', 'a/b', '2026', 'con', 'a---b', '-a', 'a.', '*', `acme---${'0'.repeat(31)}`])(
    'rejects %j',
    (name) => {
      expect(isGroupName(name)).toBe(false);
    },
  );
});
