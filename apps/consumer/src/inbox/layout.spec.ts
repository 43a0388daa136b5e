import { bundleDay, bundleId, isBundle } from './bundle-id.ts';
import { freeFolder, freePath, type Occupant } from './layout.ts';

/** What a target with these files has at a path. */
const target =
  (...files: string[]) =>
  async (path: string): Promise<Occupant> => {
    if (files.includes(path)) return 'other';
    return files.some((file) => file.startsWith(`${path}/`)) ? 'folder' : 'nothing';
  };

describe('the path of a file in a tree', () => {
  it('is its name', async () => {
    await expect(freePath({ name: 'a/b.csv', identity: 'v1' }, target())).resolves.toBe('a/b.csv');
  });

  it('gets a suffix from its version if another version has the name', async () => {
    const path = await freePath({ name: 'a/b.csv', identity: 'v2' }, target('a/b.csv'));
    expect(path).toMatch(/^a\/b-[0-9a-f]{12}\.csv$/);
    const third = await freePath({ name: 'a/b.csv', identity: 'v3' }, target('a/b.csv', path));
    expect(third).not.toBe(path);
    await expect(freePath({ name: 'a/b.csv', identity: 'v2' }, target('a/b.csv'))).resolves.toBe(path);
  });

  it('tries another suffix if that is taken too', async () => {
    const file = { name: 'b.csv', identity: 'v2' };
    const second = await freePath(file, target('b.csv'));
    await expect(freePath(file, target('b.csv', second))).resolves.toMatch(/^b-[0-9a-f]{12}\.csv$/);
  });

  it('leads around a file where it needs a folder, and around a folder where it needs a file', async () => {
    await expect(freePath({ name: 'a/b/c', identity: 'v1' }, target('a'))).resolves.toMatch(
      /^a-[0-9a-f]{12}\/b\/c$/,
    );
    await expect(freePath({ name: 'a', identity: 'v1' }, target('a/b'))).resolves.toMatch(/^a-[0-9a-f]{12}$/);
  });

  it.each(['.consumer/receipts/x.json', '.Consumer/x', '.CONSUMER'])(
    'is never in the consumer’s own folder: %s',
    async (name) => {
      const path = await freePath({ name, identity: 'v1' }, target());
      expect(path.split('/')[0]).toMatch(/^\.consumer-[0-9a-f]{12}|-[0-9a-f]{12}\.consumer$/i);
    },
  );

  it('may have a folder further down that is called like the consumer’s own', async () => {
    const name = 'a/.consumer/x';
    await expect(freePath({ name, identity: 'v1' }, target())).resolves.toBe(name);
  });
});

it('a folder gets a number if its name is taken', async () => {
  await expect(freeFolder('b', target())).resolves.toBe('b');
  await expect(freeFolder('b', target('b/x', 'b-2/x'))).resolves.toBe('b-3');
});

describe('the id of a bundle', () => {
  const file = 'bundle-20261122T090807Z-0123456789abcdef';

  it('is the name of its file', () => {
    expect(bundleId(`bundles/2026/11/22/09/${file}.tar.gz`)).toBe(file);
    expect(bundleId(`bundles/acme/2026/11/22/09/${file}.acme.tar`)).toBe(file);
    expect(bundleId('bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.zst')).toBe(
      '20261122T090807Z-0123456789abcdef',
    );
  });

  it('is the name of its file also without folders', () => {
    expect(bundleId(`bundles/${file}.tar.gz`)).toBe(file);
  });

  it('of a key that is not exactly as published depends on the whole key', () => {
    for (const key of [`bundles/${file}.tar.gzip`, `other/${file}.tar`])
      expect(bundleId(key)).toMatch(new RegExp(`^${file}.*-[0-9a-f]{12}$`));
    expect(bundleId('bundles/a b:c.tar')).toMatch(/^a_b_c-[0-9a-f]{12}$/);
  });

  it('differs between replays of one bundle', () => {
    const ids = ['replays/r1/bundles/x', 'replays/r2/bundles/x', 'bundles/x'].map((prefix) =>
      bundleId(`${prefix}/${file}.tar.gz`),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toMatch(new RegExp(`^${file}-[0-9a-f]{12}$`));
  });

  it.each([
    'bundles/../../x.tar.gz',
    'bundles/a\\b:c.tar',
    'bundles/.tar.gz',
    `bundles/${'x'.repeat(900)}.tar.gz`,
    'bundles/-rf.tar',
  ])('is safe as a file name: %s', (key) =>
    expect(bundleId(key)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,120}$/),
  );

  it('has a day if the key has a time', () => {
    expect(bundleDay(`bundles/x/${file}.tar.gz`)).toBe('2026-11-22');
    expect(bundleDay('bundles/x.tar.gz')).toBe('other');
  });

  it('belongs to tars only', () => {
    expect(['a.tar', 'a.tar.gz', 'a.tar.zst', 'a.zip', 'a.tar.gz.json'].map(isBundle)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
