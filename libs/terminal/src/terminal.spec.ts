import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { createTerminal, visible } from './terminal.ts';

/** Any UTF-16 code unit; dangerous ones often. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b[2J',
      '\u009b31m',
      '\u202e',
      '\u2066',
      '\r',
      '\n',
      '\u0000',
      '\u007f',
      '\u{e0041}',
    ),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
});
/* Independent of the implementation: by code point, from UnicodeData.txt. */
const DANGEROUS: [from: number, to: number][] = [
  ...([
    [0, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x61c, 0x61c],
    [0x200b, 0x200b],
  ] as [number, number][]),
  ...([
    [0x200e, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x2064],
    [0x2066, 0x206f],
  ] as [number, number][]),
  ...([
    [0xd800, 0xdfff],
    [0xfeff, 0xfeff],
    [0xe0001, 0xe007f],
  ] as [number, number][]),
];
const dangerousIn = (text: string) =>
  [...text]
    .map((char) => char.codePointAt(0) ?? 0)
    .filter((code) => DANGEROUS.some(([from, to]) => from <= code && code <= to));

function written(text: string, { isTTY, env = {} }: { isTTY: boolean; env?: Record<string, string> }) {
  let result = '';
  const stream = new Writable({ write: (chunk: Buffer, _, done) => ((result += chunk.toString()), done()) });
  createTerminal(Object.assign(stream, { isTTY }), env).write(text);
  return result;
}

describe('a foreign string', () => {
  it.each([
    ['clears the screen', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
    ['clears it with a C1 control', 'a\u009b2Jb', 'a\\u009b2Jb'],
    ['forges a line', 'a\n0 problems', 'a\\u000a0 problems'],
    ['overwrites its line', 'bad\rgood', 'bad\\u000dgood'],
    ['reverses text', 'a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['isolates text', 'a\u2067b\u2069', 'a\\u2067b\\u2069'],
    ['hides tag characters', 'a\u{e0041}', 'a\\udb40\\udc41'],
    ['has a lone surrogate', 'a\ud800', 'a\\ud800'],
  ])('that %s is shown harmlessly in one line', (_, text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it.each(['plain', 'ä 日本語 ‌‍', '👩‍👩‍👧‍👦', 'back\\slash', ''])(
    'without control characters is unchanged: %j',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  it('is never dangerous', () => {
    fc.assert(fc.property(hostile, (text) => expect(dangerousIn(visible(text))).toEqual([])));
  });

  it('in JSON keeps its value', () => {
    fc.assert(
      fc.property(hostile, hostile, (key, value) => {
        const document = { [key]: value };
        expect(JSON.parse(visible(JSON.stringify(document)))).toEqual(document);
      }),
    );
  });
});

describe('terminal output', () => {
  it('keeps line feeds and tabs', () => {
    expect(written('a\tb\nc\r\n', { isTTY: false })).toBe('a\tb\nc\\u000d\n');
  });

  it('has colours only on a terminal', () => {
    expect(written('\u001b[1;31mred\u001b[0m', { isTTY: true })).toBe('\u001b[1;31mred\u001b[0m');
    expect(written('\u001b[1;31mred\u001b[0m', { isTTY: false })).toBe('\\u001b[1;31mred\\u001b[0m');
  });

  it('has no other escape sequences, even on a terminal', () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, isTTY) => {
        // eslint-disable-next-line no-control-regex -- exactly this is meant
        const rest = written(text, { isTTY }).replaceAll(/\u001b\[[\d;]*m/g, '');
        expect(dangerousIn(rest).filter((code) => code !== 0x09 && code !== 0x0a)).toEqual([]);
      }),
    );
    expect(written('\u001b[2J\u001b]0;title\u0007\u009b1m', { isTTY: true })).toBe(
      '\\u001b[2J\\u001b]0;title\\u0007\\u009b1m',
    );
  });

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: '1' }, false],
    [false, {}, false],
  ])('may use colours (terminal %j, environment %j): %j', (isTTY, env, expected) => {
    expect(createTerminal(Object.assign(new Writable(), { isTTY }), env).hasColour).toBe(expected);
  });
});

/** A program that handles its errors with `reportUncaught`. */
const programOf = (body: string) => [
  '--input-type=module',
  '--eval',
  `const { reportUncaught, stdout } = await import(${JSON.stringify(join(import.meta.dirname, 'terminal.ts'))});
   reportUncaught();
   ${body}`,
];

it('an uncaught error is printed escaped, with stack and cause, and exits with status 1', () => {
  const body = `await Promise.reject(new Error('key \\u009b2J', { cause: new Error('why \\u202e') }));`;
  const { status, stderr } = spawnSync(process.execPath, programOf(body), { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/Error: key .*u009b2J\n +at /);
  expect(stderr).toMatch(/cause.*Error: why .*u202e/);
  expect(dangerousIn(stderr).filter((code) => code !== 0x0a)).toEqual([]);
});

describe('a command whose output fails', () => {
  /** Starts a program that waits for its reader to go, writes twice, finishes its work, and ends with a status. */
  function start(status: number) {
    const body = `
      process.stdin.resume();
      await new Promise((resolve) => process.stdin.on('end', resolve));
      for (const line of ['one', 'two']) {
        stdout.write(line + '\\n');
        process.stderr.write('progress\\n');
        await new Promise((resolve) => setImmediate(resolve));
      }
      process.stderr.write('finished\\n');
      process.exitCode = ${status};`;
    const child = spawn(process.execPath, programOf(body));
    return { child, closed: once(child, 'close') };
  }

  it.each([
    ['fails', 0, 1],
    ['fails, even if it has findings', 3, 1],
    ['ends like after Ctrl-C if a signal ended it', 130, 130],
  ])('finishes its work; without its standard output it %s', async (_, status, expected) => {
    const { child, closed } = start(status);
    child.stdout.destroy();
    child.stdin.end();
    const said = await text(child.stderr);
    await expect(closed).resolves.toEqual([expected, null]);
    expect(said).toMatch(/finished\n$/);
    expect(said.match(/EPIPE/g)).toHaveLength(1);
  });

  it('ends as it would have without its standard error', async () => {
    const { child, closed } = start(0);
    child.stderr.destroy();
    child.stdin.end();
    expect(await text(child.stdout)).toBe('one\ntwo\n');
    await expect(closed).resolves.toEqual([0, null]);
  });
});
