import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract, type Header } from 'tar-stream';
import { itWith, run, untar } from '../testing/tools.ts';
import type { Entry } from './entry.ts';
import { BLOCK, MAX_OCTAL } from './header.ts';
import { memberHeader, padding, paxBody, paxRecord, TAR_END } from './tar.ts';

describe('paxRecord', () => {
  it.each([
    ['path', 'a', '9 path=a\n'],
    ['path', '', '8 path=\n'],
    // " path=" and the line feed are 7 bytes: counting the digits takes the length from 9 to 11, from 99 to 101.
    ['path', 'x'.repeat(89), `98 path=${'x'.repeat(89)}\n`],
    ['path', 'x'.repeat(90), `99 path=${'x'.repeat(90)}\n`],
    ['path', 'x'.repeat(91), `101 path=${'x'.repeat(91)}\n`],
    ['path', 'é', '11 path=é\n'],
    ['size', '8589934592', '19 size=8589934592\n'],
  ])('%s=%s', (key, value, record) => {
    expect(paxRecord(key, value)).toBe(record);
  });

  it('states its own length in bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (value) => {
        const record = paxRecord('path', value);
        expect(parseInt(record, 10)).toBe(Buffer.byteLength(record));
      }),
    );
  });
});

it('concatenates records', () => {
  const records = new Map([
    ['path', 'a'],
    ['mtime', '-1'],
  ]);
  expect(paxBody(records).toString()).toBe('9 path=a\n12 mtime=-1\n');
});

const GIB = 2 ** 30;

function tarOf(members: readonly { entry: Entry; content: Uint8Array }[]): Buffer {
  const parts = members.map(({ entry, content }) => [memberHeader(entry), content, padding(content.length)]);
  return Buffer.concat([...parts.flat(), TAR_END]);
}

const member = (name: string, content: string, mtime = 1_700_000_000_000) => {
  const bytes = Buffer.from(content);
  return { entry: { name, size: bytes.length, mtime }, content: bytes };
};

/** Valid file names: long and short segments of any characters. */
const segment = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...'abcXYZ019 ._-+=é漢😀'), minLength: 1, maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('f', 'é'), minLength: 90, maxLength: 110 }),
  )
  .map((text) => `s${text}e`);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const members = fc.uniqueArray(
  fc.record({ name: path, content: fc.uint8Array({ maxLength: 1500 }), seconds: fc.nat({ max: MAX_OCTAL }) }),
  // No name may be a directory of another.
  { selector: ({ name }) => name.split('/')[0], minLength: 1, maxLength: 6 },
);
const toMember = ({ name, content, seconds }: { name: string; content: Uint8Array; seconds: number }) => ({
  entry: { name, size: content.length, mtime: seconds * 1000 + 999 },
  content,
});

describe('memberHeader', () => {
  it('is one block if ustar can express all fields', () => {
    const size = 8 * GIB - 1;
    expect(memberHeader({ name: 'a.json', size, mtime: 0 })).toHaveLength(BLOCK);
    expect(memberHeader({ name: 'a.json', size, mtime: MAX_OCTAL * 1000 })).toHaveLength(BLOCK);
  });

  it.each([
    ['a name beyond ASCII', { name: 'é', size: 1, mtime: 0 }, '11 path=é\n'],
    [
      'a name that is too long',
      { name: 'x'.repeat(101), size: 1, mtime: 0 },
      `111 path=${'x'.repeat(101)}\n`,
    ],
    ['8 GiB', { name: 'a', size: 8 * GIB, mtime: 0 }, '19 size=8589934592\n'],
    ['a time before 1970', { name: 'a', size: 1, mtime: -1500 }, '12 mtime=-2\n'],
    ['a time after 2242', { name: 'a', size: 1, mtime: 2 ** 33 * 1000 }, '20 mtime=8589934592\n'],
  ])('puts a pax header before it for %s', (_case, entry, records) => {
    const header = memberHeader(entry);
    expect(header).toHaveLength(3 * BLOCK);
    expect(header.toString('latin1', 156, 157)).toBe('x');
    expect(header.toString('utf8', BLOCK, BLOCK + Buffer.byteLength(records) + 1)).toBe(`${records}\0`);
    expect(header.toString('latin1', 2 * BLOCK + 156, 2 * BLOCK + 157)).toBe('0');
  });

  it.each([
    ['a name beyond ASCII', 'in/2026/né\n漢.json', 'n___.json'],
    ['a long name', `in/${'x'.repeat(81)}${'y'.repeat(20)}`, 'x'.repeat(80)],
  ])('shows readers that do not support pax a part of %s', (_case, name, part) => {
    const header = memberHeader({ name, size: 1, mtime: 0 });
    const shown = [0, 2 * BLOCK].map((start) => {
      const field = (offset: number, length: number): string =>
        header.toString('latin1', start + offset, start + offset + length).replace(/\0+$/, '');
      return { name: field(0, 100), prefix: field(345, 155) };
    });
    expect(shown).toEqual([
      { name: `PaxHeaders/${part}`, prefix: '' },
      { name: part, prefix: '' },
    ]);
  });

  it.each([
    ['', 'a member needs a name'],
    ['/etc/passwd', 'starts with /'],
    ['a/', 'ends with /'],
    ['a\0b', 'contains a zero byte'],
    ['a\ud800', 'has no UTF-8 form'],
  ])('refuses the name %j', (name, reason) => {
    expect(() => memberHeader({ name, size: 0, mtime: 0 })).toThrow(reason);
  });

  it.each([
    [{ size: -1 }, 'size -1'],
    [{ size: 1.5 }, 'size 1.5'],
    [{ mtime: NaN }, 'mtime NaN'],
  ])('refuses %j', (wrong, reason) => {
    expect(() => memberHeader({ name: 'a', size: 0, mtime: 0, ...wrong })).toThrow(reason);
  });
});

describe('padding', () => {
  it.each([
    [0, 0],
    [1, 511],
    [511, 1],
    [512, 0],
    [513, 511],
    [8 * GIB + 1, 511],
  ])('fills %i bytes up with %i zeros', (size, zeros) => {
    expect(Buffer.from(padding(size))).toEqual(Buffer.alloc(zeros));
  });
});

describe('the tar', () => {
  it('reads back in tar-stream', async () => {
    await fc.assert(
      fc.asyncProperty(members, async (generated) => {
        const given = generated.map(toMember);
        const read = await untar(tarOf(given));
        expect(
          read.map(({ header, content }) => ({
            name: header.name,
            size: header.size,
            mtime: header.mtime?.getTime(),
            content,
          })),
        ).toEqual(
          given.map(({ entry, content }) => ({
            ...entry,
            mtime: Math.floor(entry.mtime / 1000) * 1000,
            content: Buffer.from(content),
          })),
        );
        for (const { header } of read) {
          expect(header).toMatchObject({
            mode: 0o644,
            uid: 0,
            gid: 0,
            uname: 'root',
            gname: 'root',
            type: 'file',
          });
        }
      }),
    );
  });

  it.each([5e12, 53_676_359_024_640])('tells other readers a size of %i bytes', async (size) => {
    // A stream that ends after the header: no test can read the content.
    const reader = extract();
    const read = new Promise<Header>((resolve, reject) => {
      reader.on('entry', (header) => resolve(header));
      reader.on('error', reject);
    });
    reader.write(memberHeader({ name: 'huge', size, mtime: 0 }));
    await expect(read).resolves.toMatchObject({ name: 'huge', size, type: 'file' });
    reader.destroy();
  });

  it('is the same for the same members', () => {
    const given = [member('a', 'one'), member('ü'.repeat(80), 'two')];
    expect(tarOf(given).equals(tarOf(given))).toBe(true);
  });
});

describe.each(['tar', 'bsdtar'])('%s', (tar) => {
  const inFolder = (use: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'untar-'));
    try {
      use(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  itWith(tar)('extracts what was put in', () => {
    fc.assert(
      fc.property(members, (generated) => {
        const given = generated.map(toMember);
        inFolder((folder) => {
          run(tar, ['-xf', '-', '--no-same-owner'], tarOf(given), folder);
          for (const { entry, content } of given) {
            expect(readFileSync(join(folder, entry.name)).equals(content)).toBe(true);
          }
        });
      }),
      { numRuns: 15 },
    );
  });

  itWith(tar)('lists owner, mode, size, time and name', () => {
    inFolder((folder) => {
      writeFileSync(
        join(folder, 'b.tar'),
        tarOf([member('dir/a.json', 'hello'), member('é'.repeat(120), 'x', 0)]),
      );
      const lines = run(tar, ['-tvf', 'b.tar'], undefined, folder).toString().trimEnd().split('\n');
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/^-rw-r--r-- .*root[ /]+root .* 5 .*2023.* dir\/a\.json$/);
      expect(lines[1]).toMatch(/1970/);
    });
  });
});

itWith('python3')("python3's tarfile reads names, sizes and times, also beyond ustar's", () => {
  const big = memberHeader({ name: 'big', size: 9 * GIB, mtime: 2 ** 34 * 1000 });
  const script = `
import io, json, sys, tarfile
members = []
with tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode='r|') as tar:
    for member in tar:
        members.append([member.name, member.size, member.mtime, member.uname, member.mode, member.isreg()])
        if member.size > 100: break
        members[-1].append(tar.extractfile(member).read().decode())
print(json.dumps(members))
`;
  const small = tarOf([member('dir/a.json', 'hello'), member('漢'.repeat(50), 'x')]).subarray(
    0,
    -TAR_END.length,
  );
  const read: unknown = JSON.parse(run('python3', ['-c', script], Buffer.concat([small, big])).toString());
  expect(read).toEqual([
    ['dir/a.json', 5, 1_700_000_000, 'root', 0o644, true, 'hello'],
    ['漢'.repeat(50), 1, 1_700_000_000, 'root', 0o644, true, 'x'],
    ['big', 9 * GIB, 2 ** 34, 'root', 0o644, true],
  ]);
});
