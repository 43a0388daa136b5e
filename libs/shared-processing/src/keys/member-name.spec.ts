import * as fc from 'fast-check';
import { MAX_NAME_BYTES, memberName } from './index.ts';
import { hostileKey, brokenRules } from './testing/hostile-keys.ts';

function nameOf(key: string): string {
  const it = memberName(key);
  if (it.kind === 'refused') throw new Error(it.reason);
  expect(it.rewritten).toBe(it.name !== key);
  return it.name;
}

describe('memberName', () => {
  it.each([
    'report.csv',
    'a b.txt',
    'a+b.txt',
    'in/2026/03/01/report-7.tar.gz',
    '.hidden',
    '..hidden',
    '~user/file~',
    "it's $HOME & `more`; (1) [2] {3} = 100%!#,@^",
    'über/ガ/Ελληνικός.txt',
    'family 👨‍👩‍👧 ❤️.png',
    'نمی‌خواهم.txt',
    'confirm.txt',
    'com.txt',
    'COM10',
    'a.con',
    'nul-1',
    'some~1.backup',
    'longername~1.txt',
    ' leading',
    'x'.repeat(255),
    '한'.repeat(85),
  ])('keeps the safe key %j', (key) => {
    expect(nameOf(key)).toBe(key);
  });

  it.each([
    ['/etc/passwd', '_/etc/passwd'],
    ['//server/share', '_/_/server/share'],
    ['C:\\Windows\\x.dll', 'C__Windows_x.dll'],
    ['c:x', 'c_x'],
    ['..\\..\\x', '.._.._x'],
    ['./a', '_/a'],
    ['a/./b', 'a/_/b'],
    ['a//b', 'a/_/b'],
    ['folder/', 'folder/_'],
    ['/', '_/_'],
    ['what?', 'what_'],
    ['<a|b>"*', '_a_b___'],
    ['file:stream', 'file_stream'],
    ['line\nbreak\r\u2028\0', 'line_break___'],
    ['del\x7f\x85', 'del__'],
    ['name.', 'name_'],
    ['name..', 'name._'],
    ['...', '.._'],
    ['name ', 'name_'],
    ['dir. /x', 'dir._/x'],
    ['CON', '_CON'],
    ['a/nul.tar.gz', 'a/_nul.tar.gz'],
    ['Com1.log', '_Com1.log'],
    ['lpt².x', '_lpt².x'],
    ['CONIN$', '_CONIN$'],
    ['aux .txt', '_aux .txt'],
    ['prn/x', '_prn/x'],
    ['a/..namedfork/rsrc', 'a/_..namedfork/rsrc'],
    ['-rf', '_rf'],
    ['a/--', 'a/_-'],
    ['._report.csv', '__report.csv'],
    ['PROGRA~1', 'PROGRA_1'],
    ['x/LONGNA~2.TXT', 'x/LONGNA_2.TXT'],
    ['exe\u202etxt.bat', 'exe_txt.bat'],
    ['zero\u200bwidth\ufeff', 'zero_width_'],
    ['\u200d', '_'],
    ['half\ud800', 'half_'],
    ['\uffff', '_'],
    ['u\u0308ber/A\u030a.txt', 'über/Å.txt'],
    ['\u212b', 'Å'],
    ['\u1112\u1161\u11ab', '한'],
    // Composes to one character that Windows allows.
    ['>\u0338', '≯'],
    // U+0958 is two characters in both NFC and NFD.
    ['\u0958', '\u0915\u093c'],
  ])('makes %j safe and readable: %j', (key, name) => {
    expect(nameOf(key)).toBe(name);
  });

  it('makes "CON.txt" safe instead of refusing it', () => {
    expect(memberName('CON.txt')).toEqual({ kind: 'name', name: '_CON.txt', rewritten: true });
  });

  it.each(['..', '../x', 'a/../b', 'a/..', '/..', '../../etc/passwd'])(
    'refuses %j: it would leave the folder, or mean another key',
    (key) => {
      expect(memberName(key)).toEqual({ kind: 'refused', reason: 'the key has a ".." segment' });
    },
  );

  it('refuses the empty key', () => {
    expect(memberName('')).toEqual({ kind: 'refused', reason: 'the key is empty' });
  });

  it('keeps the extension of a segment that is too long, and adds a hash', () => {
    const [one, other] = [nameOf(`${'x'.repeat(300)}1.csv`), nameOf(`${'x'.repeat(300)}2.csv`)];
    expect(one).toMatch(/^x{238}-[0-9a-f]{12}\.csv$/);
    expect(other).not.toBe(one);
  });

  it('composes a name before measuring it, and gives keys that differ only in composition different names', () => {
    const composed = 'é'.repeat(127);
    expect(nameOf(composed.normalize('NFD'))).toBe(composed);
    const long = 'é'.repeat(200);
    expect(nameOf(long)).not.toBe(nameOf(long.normalize('NFD')));
  });

  it('cuts between characters, also where HFS+ counts more units than bytes', () => {
    expect(nameOf('€'.repeat(100))).toMatch(/^€{80}-[0-9a-f]{12}$/);
    expect(nameOf('ΐ'.repeat(86))).toMatch(/^ΐ{80}-[0-9a-f]{12}$/);
  });

  it('keeps files of the same overlong folder together', () => {
    const folder = 'f'.repeat(400);
    expect(nameOf(`${folder}/a`).split('/')[0]).toBe(nameOf(`${folder}/b`).split('/')[0]);
  });

  it('drops the outermost folders of a path that is too long', () => {
    const name = nameOf(`${'deep/'.repeat(190)}report.csv`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_BYTES);
    expect(name).toMatch(/^_-[0-9a-f]{12}(\/deep){146}\/report\.csv$/);
  });

  it('is valid on every system, stays inside the folder, and is its own name', () => {
    fc.assert(
      fc.property(hostileKey, (key) => {
        const it = memberName(key);
        if (it.kind === 'refused') {
          expect(key === '' || key.split('/').includes('..')).toBe(true);
          return;
        }
        expect(brokenRules(it.name)).toEqual([]);
        expect(Buffer.byteLength(it.name)).toBeLessThanOrEqual(MAX_NAME_BYTES);
        expect(memberName(it.name)).toEqual({ kind: 'name', name: it.name, rewritten: false });
      }),
      { numRuns: 2000 },
    );
  });
});
