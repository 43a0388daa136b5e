import { BLOCK, MAX_OCTAL, splitName, ustarHeader, type Ustar } from './header.ts';

const file: Ustar = { name: 'a.json', prefix: '', size: 5, seconds: 1_700_000_000, typeflag: '0' };

describe('ustarHeader', () => {
  const at = (header: Buffer, offset: number, length: number): string =>
    header.toString('latin1', offset, offset + length);

  it.each([
    ['name', 0, 'a.json\0'],
    ['mode', 100, '0000644\0'],
    ['uid', 108, '0000000\0'],
    ['gid', 116, '0000000\0'],
    ['size', 124, '00000000005\0'],
    ['mtime', 136, '14524770400\0'],
    ['typeflag', 156, '0'],
    ['linkname', 157, '\0'.repeat(100)],
    ['magic and version', 257, 'ustar\x0000'],
    ['uname', 265, 'root\0'],
    ['gname', 297, 'root\0'],
    ['devices', 329, '0000000\x000000000\0'],
    ['prefix and the rest', 345, '\0'.repeat(167)],
  ])('writes %s', (_field, offset, value) => {
    expect(at(ustarHeader(file), offset, value.length)).toBe(value);
  });

  it('sums its bytes, counting the checksum field as spaces', () => {
    const header = ustarHeader(file);
    const stated = parseInt(at(header, 148, 6), 8);
    const sum = header.fill(' ', 148, 156).reduce((total, byte) => total + byte, 0);
    expect(stated).toBe(sum);
    expect(header).toHaveLength(BLOCK);
  });

  it('can use every byte of name and prefix', () => {
    const header = ustarHeader({ ...file, name: 'n'.repeat(100), prefix: 'p'.repeat(155) });
    expect(at(header, 0, 101)).toBe(`${'n'.repeat(100)}0`);
    expect(at(header, 345, 167)).toBe(`${'p'.repeat(155)}${'\0'.repeat(12)}`);
  });

  it('accepts the largest octal size and refuses the next', () => {
    expect(at(ustarHeader({ ...file, size: MAX_OCTAL }), 124, 12)).toBe('77777777777\0');
    expect(() => ustarHeader({ ...file, size: MAX_OCTAL + 1 })).toThrow(RangeError);
  });

  it('refuses a name over 100 bytes', () => {
    expect(() => ustarHeader({ ...file, name: 'n'.repeat(101) })).toThrow('is over 100 bytes');
  });
});

describe('splitName', () => {
  const d = (length: number): string => 'd'.repeat(length);
  const f = (length: number): string => 'f'.repeat(length);

  it.each([
    ['short', 'a/b.json', { prefix: '', name: 'a/b.json' }],
    ['exactly 100 bytes', f(100), { prefix: '', name: f(100) }],
    ['101 bytes with a slash', `d/${f(99)}`, { prefix: 'd', name: f(99) }],
    ['a name of 100 after a slash', `d/${f(100)}`, { prefix: 'd', name: f(100) }],
    ['both full', `${d(155)}/${f(100)}`, { prefix: d(155), name: f(100) }],
    [
      'several slashes',
      `${d(60)}/${d(60)}/${d(30)}/${f(60)}`,
      { prefix: `${d(60)}/${d(60)}`, name: `${d(30)}/${f(60)}` },
    ],
  ])('fits: %s', (_case, path, split) => {
    expect(splitName(path)).toEqual(split);
  });

  it.each([
    ['101 bytes without a slash', f(101)],
    ['a name of 101 after a slash', `d/${f(101)}`],
    ['a prefix of 156', `${d(156)}/${f(100)}`],
    ['an accent', 'é.json'],
    ['a control character', 'a\nb'],
    ['the only slash at the start', `/${f(100)}`],
  ])('does not fit: %s', (_case, path) => {
    expect(splitName(path)).toBeUndefined();
  });
});
