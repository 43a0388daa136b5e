import fc from 'fast-check';
import { type Entry, listPage, type Place, placeOfEntry } from './listing.ts';
import { compareKeys } from './key-index.ts';

const keys = fc
  .uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '/', '😀', '\ue000'), maxLength: 5 }), {
    maxLength: 30,
    size: 'max',
  })
  .map((found) => found.sort(compareKeys));

/** The plain definition of a listing: everything at once, each common prefix once. */
function expected(all: readonly string[], prefix: string, delimiter: string): string[] {
  const names = all
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter.length)}`;
    });
  return [...new Set(names)];
}

const nameOf = (entry: Entry<string>) =>
  entry.kind === 'item' ? `key ${entry.key}` : `prefix ${entry.prefix}`;

it('returns all keys and common prefixes once and in order, page by page', () => {
  const prefix = fc.constantFrom('', 'a', 'a/', '/', 'b😀');
  const delimiter = fc.constantFrom('', '/', 'a', 'b/');
  fc.assert(
    fc.property(keys, prefix, delimiter, fc.integer({ min: 1, max: 4 }), (all, prefix, delimiter, limit) => {
      const listed: string[] = [];
      let from: Place | undefined;
      for (let truncated = true; truncated;) {
        const page = listPage(all, (key) => [key], { prefix, delimiter, limit, from });
        expect(page.entries.length).toBeLessThanOrEqual(limit);
        listed.push(...page.entries.map(nameOf));
        truncated = page.truncated;
        const last = page.entries.at(-1);
        from = last && placeOfEntry(last);
      }
      expect(listed).toEqual(expected(all, prefix, delimiter));
    }),
    { numRuns: 500 },
  );
});

it('is not truncated if only hidden keys follow', () => {
  const shows = (key: string) => (key === 'a' ? ['a'] : []);
  const page = listPage(['a', 'b', 'c/d'], shows, { prefix: '', delimiter: '/', limit: 1, from: undefined });
  expect(page).toMatchObject({ entries: [{ key: 'a' }], truncated: false });
});
