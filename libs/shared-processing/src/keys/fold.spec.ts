import * as fc from 'fast-check';
import { fold } from './fold.ts';

describe('the fold of a name', () => {
  it.each([
    ['README', 'readme'],
    ['Ä', 'a\u0308'],
    ['straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['ﬁle', 'file'],
    ['\u212a', 'k'],
    ['ΟΔΟΣ', 'οδος'],
    ['İ', 'i\u0307'],
    ['ı', 'I'],
    ['Å', '\u212b'],
    ['ａ', 'a'],
    ['a\u200db', 'ab'],
    ['❤️', '❤'],
    ['ᾳ', 'ᾼ'],
    ['\u1100\u1161', '가'],
    ['ꭰ', 'Ꭰ'],
    ['a\u0301\u034f\u0323', 'a\u0323\u0301'],
  ])('is equal for %j and %j', (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it.each([
    ['a', 'b'],
    ['a', 'ä'],
    ['o', 'ø'],
    ['a b', 'a_b'],
    ['1', '10'],
  ])('differs for %j and %j', (one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });

  it('is equal for every character and its case and normalisation variants', () => {
    const unlike: string[] = [];
    for (let code = 0; code <= 0x1ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const char = String.fromCodePoint(code);
      const forms = [char.toLowerCase(), char.toUpperCase(), char.normalize('NFC'), char.normalize('NFKD')];
      if (forms.some((form) => fold(form) !== fold(char))) unlike.push(char);
    }
    expect(unlike).toEqual([]);
  });

  it('does not change when folded again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(fold(fold(name))).toBe(fold(name));
      }),
    );
  });
});
