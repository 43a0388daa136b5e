import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import { tarOf, type TestFile } from '../testing/bundles.ts';
import { createTarReader, TarError } from './tar-reader.ts';

type Headers = Partial<Header> & Pick<Header, 'name'>;

/** Reads a tar in chunks of the given size. */
function read(tar: Buffer, chunk = tar.length): Record<string, string> {
  const reader = createTarReader();
  const files: Record<string, string> = {};
  let name = '';
  for (let at = 0; at < tar.length; at += chunk) {
    for (const event of reader.push(tar.subarray(at, at + chunk))) {
      if (event.kind === 'file') files[(name = event.name)] = '';
      else if (event.kind === 'data') files[name] += event.bytes.toString('latin1');
    }
  }
  reader.finish();
  return files;
}

async function tarWith(header: Headers, content = ''): Promise<Buffer> {
  const tar = pack();
  const whole = buffer(tar);
  tar.entry(header, content);
  tar.finalize();
  return whole;
}

/** Changes a header and corrects its checksum. */
function changed(tar: Buffer, offset: number, text: string): Buffer {
  const copy = Buffer.from(tar);
  copy.write(text, offset, 'latin1');
  copy.fill(' ', 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

const LONG = `${'folder/'.repeat(30)}Ü file.txt`;
/** Fits into a header's two fields for a name. */
const SPLIT = `${'folder/'.repeat(20)}file.txt`;
const FILES: TestFile[] = [
  { name: 'a.txt', content: 'a' },
  { name: 'empty', content: '' },
  { name: LONG, content: 'x'.repeat(1_000) },
  { name: 'block', content: 'b'.repeat(512) },
  { name: SPLIT, content: 'split' },
  { name: 'n'.repeat(100), content: 'fills the field' },
];
const EXPECTED = Object.fromEntries(FILES.map(({ name, content }) => [name, content]));

it.each([1, 7, 511, 512, 513, 100_000])('reads a tar in chunks of %s bytes', async (chunk) => {
  expect(read(await tarOf(FILES), chunk)).toEqual(EXPECTED);
});

it('takes the size of a file over 8 GiB from its pax header', async () => {
  const size = 5 * 1024 ** 4;
  const tar = pack();
  const chunks: Buffer[] = [];
  tar.on('data', (chunk) => void chunks.push(chunk as Buffer));
  tar.entry({ name: 'large', size, pax: { size: String(size) } });
  await new Promise((resolve) => setImmediate(resolve));
  const reader = createTarReader();
  const [first] = [...reader.push(Buffer.concat(chunks))];
  expect(first).toEqual({ kind: 'file', name: 'large', size });
  expect(() => reader.finish()).toThrow('truncated');
});

it.each<[string, Headers, string]>([
  [
    'a symbolic link',
    { name: 'a', type: 'symlink', linkname: '/etc/passwd' },
    '"a" is not a regular file but a symbolic link',
  ],
  ['a hard link', { name: 'a', type: 'link', linkname: 'b' }, 'a hard link'],
  ['a folder', { name: 'a/', type: 'directory' }, 'a folder'],
  ['a device', { name: 'a', type: 'block-device' }, 'a block device'],
  ['a character device', { name: 'a', type: 'character-device' }, 'a character device'],
  ['a pipe', { name: 'a', type: 'fifo' }, 'a pipe'],
])('refuses %s', async (_, header, message) => {
  const tar = await tarWith(header);
  expect(() => read(tar)).toThrow(TarError);
  expect(() => read(tar)).toThrow(message);
});

it.each<[string, (tar: Buffer) => Buffer, string]>([
  ['a wrong checksum', (tar) => Buffer.concat([Buffer.from('b'), tar.subarray(1)]), 'checksum'],
  ['no ustar header', (tar) => changed(tar, 257, 'other'), 'ustar format'],
  ['a size that is not octal', (tar) => changed(tar, 124, '99999999999'), 'not octal'],
  ['an unknown type', (tar) => changed(tar, 156, 'S'), 'of type "S"'],
  ['a global header', (tar) => changed(tar, 156, 'g'), 'a global header'],
  ['an end in the middle', (tar) => tar.subarray(0, 700), 'truncated'],
  ['one block of zeros', (tar) => tar.subarray(0, 1536), 'truncated'],
  ['something after its end', (tar) => Buffer.concat([tar, Buffer.from('x')]), 'goes on after its end'],
  ['megabytes of zeros', (tar) => Buffer.concat([tar, Buffer.alloc(2 * 1024 ** 2)]), 'too many zeros'],
  ['nothing', () => Buffer.alloc(0), 'truncated'],
])('refuses a tar with %s', async (_, change, message) => {
  const tar = await tarOf([{ name: 'a', content: 'x'.repeat(400) }]);
  expect(() => read(change(tar))).toThrow(message);
});

/** A tar with one file behind a pax header of these records. */
async function paxTar(records: string): Promise<Buffer> {
  const header = await tarWith({ name: 'pax', size: Buffer.byteLength(records) }, records);
  const padded = Math.ceil(Buffer.byteLength(records) / 512) * 512;
  return Buffer.concat([
    changed(header, 156, 'x').subarray(0, 512 + padded),
    await tarOf([{ name: 'a', content: '' }]),
  ]);
}

it('reads several records of a pax header', async () => {
  expect(read(await paxTar('10 path=b\n11 mtime=1\n'))).toEqual({ b: '' });
});

it.each<[string, string, string]>([
  ['that is huge', `${'9'.repeat(30)}\n`, 'malformed record'],
  ['without a length', 'path=x\n', 'malformed record'],
  ['without a key', '5 =x\n', 'malformed record'],
  ['that is too long', '99 path=x\n', 'malformed record'],
  ['without a line feed', '9 path=xy', 'malformed record'],
  ['with something before its length', 'x11 path=x\n', 'malformed record'],
  ['with a size that is no number', '12 size=1x2\n', 'has the size "1x2"'],
  ['with a size that is not decimal', '13 size=0x10\n', 'has the size "0x10"'],
  ['with a size that no number holds', '26 size=99999999999999999\n', 'has the size "99999999999999999"'],
])('refuses a pax record %s', async (_, record, message) => {
  const tar = await paxTar(record);
  expect(() => read(tar)).toThrow(message);
});

it('accepts a pax header of 16 KiB, and refuses a larger one', async () => {
  const records = (bytes: number) => `${bytes} comment=${'x'.repeat(bytes - 15)}\n`;
  expect(read(await paxTar(records(16 * 1024)))).toEqual({ a: '' });
  const larger = await paxTar(records(16 * 1024 + 1));
  expect(() => read(larger)).toThrow('a pax header has 16385 bytes');
});

it('refuses pax headers that are empty, follow each other, or have no file', async () => {
  const pax = (await paxTar('10 path=b\n')).subarray(0, 1024);
  const empty = changed(await tarWith({ name: 'pax' }), 156, 'x');
  expect(() => read(empty)).toThrow('a pax header has 0 bytes');
  expect(() => read(Buffer.concat([pax, pax]))).toThrow('a pax header follows another');
  expect(() => read(Buffer.concat([pax, Buffer.alloc(1024)]))).toThrow('a pax header has no file');
});

it('accepts zeros up to a MiB at the end', async () => {
  const tar = await tarOf([{ name: 'a', content: '' }]);
  const zeros = (bytes: number) => Buffer.concat([tar.subarray(0, 512), Buffer.alloc(bytes)]);
  expect(read(zeros(1024 ** 2))).toEqual({ a: '' });
  expect(() => read(zeros(1024 ** 2 + 1))).toThrow('too many zeros');
  expect(() => read(zeros(2 ** 10 - 1))).toThrow('truncated');
});

it.each(['7x7', 'x77', '77x'])('refuses the octal number %s', async (digits) => {
  const tar = changed(await tarOf([{ name: 'a', content: '' }]), 124, digits.padStart(11, ' '));
  expect(() => read(tar)).toThrow('not octal');
});

it('refuses a pax header without a limit', async () => {
  const header = changed(await tarWith({ name: 'pax', size: 1_000_000 }, 'x'.repeat(1_000_000)), 156, 'x');
  expect(() => read(header)).toThrow('a pax header has 1000000 bytes');
});
