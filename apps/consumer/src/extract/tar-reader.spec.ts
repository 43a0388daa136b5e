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
const FILES: TestFile[] = [
  { name: 'a.txt', content: 'a' },
  { name: 'empty', content: '' },
  { name: LONG, content: 'x'.repeat(1_000) },
  { name: 'block', content: 'b'.repeat(512) },
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

it.each<[string, string, string]>([
  ['that is huge', `${'9'.repeat(30)}\n`, 'malformed record'],
  ['without a length', 'path=x\n', 'malformed record'],
  ['without a key', '5 =x\n', 'malformed record'],
  ['that is too long', '99 path=x\n', 'malformed record'],
])('refuses a pax record %s', async (_, record, message) => {
  const header = await tarWith({ name: 'pax', size: Buffer.byteLength(record) }, record);
  const tar = Buffer.concat([
    changed(header, 156, 'x').subarray(0, 1024),
    await tarOf([{ name: 'a', content: '' }]),
  ]);
  expect(() => read(tar)).toThrow(message);
});

it('refuses a pax header without a limit', async () => {
  const header = changed(await tarWith({ name: 'pax', size: 1_000_000 }, 'x'.repeat(1_000_000)), 156, 'x');
  expect(() => read(header)).toThrow('a pax header has 1000000 bytes');
});
