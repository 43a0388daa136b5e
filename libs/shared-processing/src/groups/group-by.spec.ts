import * as fc from 'fast-check';
import { GroupByError, parseGroupBy, UNGROUPED } from './index.ts';

const textOf = (setting: string, key: string) => parseGroupBy(setting)(key).text;

describe('grouping by segments', () => {
  it.each([
    ['segments:1', 'acme/a.txt', 'acme'],
    ['segments:2', 'in/acme/a.txt', 'in/acme'],
    ['segments:2', 'in/acme/deep/a.txt', 'in/acme'],
    ['segments:2', 'in/a.txt', undefined],
    ['segments:1', 'a.txt', undefined],
    ['segments:1', '/a.txt', undefined],
    ['segments:2', '//a.txt', '/'],
    ['segments:1', 'acme/', 'acme'],
  ])('%s: %s belongs to %s', (setting, key, text) => {
    expect(textOf(setting, key)).toBe(text);
  });

  it.each(['segments:0', 'segments:9', 'segments:01', 'segments:1.5', 'segments:-1', 'segments: 1'])(
    'refuses %s',
    (setting) => {
      expect(() => parseGroupBy(setting)).toThrow(new GroupByError('a count of segments from 1 to 8'));
    },
  );
});

describe('grouping by a pattern', () => {
  it.each([
    ['^in/([^/]+)/', 'in/acme/a.txt', 'acme'],
    ['^in/([^/]+)/', 'in/a.txt', undefined],
    ['^in/([^/]*)/', 'in//a.txt', undefined],
    ['^(orders|invoices)/', 'invoices/a.txt', 'invoices'],
    ['^(orders|invoices)/', 'other/a.txt', undefined],
    [String.raw`^[a-z]+-(\d{4})\.csv$`, 'sales-2026.csv', '2026'],
    ['^([^_]{2,8})_', 'größe_1', 'größe'],
    ['^(.)', '\n', '\n'],
    ['^(.+)', 'a/b', 'a/b'],
  ])('%s: %j belongs to %j', (pattern, key, text) => {
    expect(textOf(`pattern:${pattern}`, key)).toBe(text);
  });

  it.each([
    ['in/([^/]+)/', 'a pattern that begins with ^'],
    ['^in/', 'a pattern with exactly one capture group'],
    ['^(a)(b)', 'a pattern with exactly one capture group'],
    ['^((a))', 'a pattern with exactly one capture group'],
    ['^(a', 'a pattern with exactly one capture group'],
    [`^(${'a'.repeat(254)})`, 'a pattern of at most 256 characters'],
    ['^([z-a])', /^a regular expression, but Invalid regular expression/],
    ['^(a)+', /"\+" is none of them$/],
    ['^(?:a)(b)', /"\?:a\)\(b\)" is none of them$/],
    [String.raw`^(a)\1`, /is none of them$/],
    ['^(a+?)b', /is none of them$/],
    ['^a|(b)', /is none of them$/],
    ['^(a{1025})', 'a pattern with at most 1024 repetitions of a character'],
    ['^(.+)/', 'a pattern whose repetitions end by themselves, but both .+ and / after it match "/"'],
    ['^([^/]*a?/?)b*/', /both \[\^\/\]\* and a\? after it match "a"$/],
    [String.raw`^(\w+)\d`, /both \\w\+ and \\d after it match "0"$/],
    ['^([а-я]+|b)ж', /both \[а-я\]\+ and ж after it match "ж"$/],
    ['^a?(|b|a)', /both a\? and a after it match "a"$/],
  ])('refuses %s', (pattern, message) => {
    expect(() => parseGroupBy(`pattern:${pattern}`)).toThrow(GroupByError);
    expect(() => parseGroupBy(`pattern:${pattern}`)).toThrow(
      expect.objectContaining({
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('takes linear time for every pattern that it accepts, also on keys that almost match', () => {
    const character = fc.constantFrom('a', 'b', '[ab]', '[^a]', '/', '[^/]', String.raw`\W`);
    const repetition = fc.constantFrom('', '', '', '', '*', '+', '?', '{0,1024}');
    const items = fc
      .array(fc.tuple(character, repetition), { maxLength: 4 })
      .map((all) => all.flat().join(''));
    const patterns = fc
      .tuple(items, items, items, items, fc.constantFrom('', '$'))
      .map(([before, one, other, after, end]) => `^${before}(${one}|${other})${after}${end}`);
    let accepted = 0;
    fc.assert(
      fc.property(patterns, fc.constantFrom('a', 'ab', 'ab/', '/'), (pattern, piece) => {
        let groupOf;
        try {
          groupOf = parseGroupBy(`pattern:${pattern}`);
        } catch (error) {
          expect(error).toBeInstanceOf(GroupByError);
          return;
        }
        accepted++;
        const key = `${piece.repeat(1024 / piece.length)}!`;
        const started = process.cpuUsage();
        groupOf(key);
        expect(process.cpuUsage(started).user).toBeLessThan(500_000);
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('parseGroupBy', () => {
  it.each(['', 'segments', 'segments:', 'pattern:', 'prefix:2', 'Segments:1'])('refuses %j', (setting) => {
    expect(() => parseGroupBy(setting)).toThrow(
      new GroupByError('"segments:<count>" or "pattern:<regular expression>"'),
    );
  });

  it('names the group', () => {
    const groupOf = parseGroupBy('segments:2');
    expect(groupOf('in/acme/a')).toEqual({ name: 'in--acme', text: 'in/acme' });
    expect(groupOf('a')).toEqual({ name: UNGROUPED, text: undefined });
  });
});
