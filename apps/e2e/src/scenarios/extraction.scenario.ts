import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { pull } from '@data-aggregator/pipeline-client';
import { startSandbox } from '../testing/sandbox.ts';
import { hashesBelow, temporaryFolder } from '@data-aggregator/pipeline-client/testing';

const PYTHON = `
import sys, tarfile
safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
tarfile.open(sys.argv[1]).extractall(sys.argv[2], **safely)
`;
type Program = readonly [name: string, command: string, args: (bundle: string, folder: string) => string[]];
const programs: readonly Program[] = [
  ['GNU tar', 'tar', (bundle, folder) => ['-xzf', bundle, '-C', folder]],
  ['bsdtar', 'bsdtar', (bundle, folder) => ['-xzf', bundle, '-C', folder]],
  ["Python's tarfile", 'python3', (bundle, folder) => ['-c', PYTHON, bundle, folder]],
];
const KEYS = [
  ...[
    'plain.txt',
    'a b+c%20.txt',
    'folder/x',
    'folder//x',
    '/absolute',
    'README',
    'readme',
    '-rf',
    'con.txt',
  ],
  ...['日本語/ファイル.csv', 'a\u0308.txt', 'ä.txt', 'line\nend', '€'.repeat(85), `${'d/'.repeat(500)}deep`],
  ...['large name/'.repeat(12) + 'x'.repeat(120)],
];

describe('a bundle', () => {
  let sandbox: ReturnType<typeof temporaryFolder>;
  let bundle: string;
  let members: Map<string, string>;
  beforeAll(async () => {
    sandbox = temporaryFolder();
    await using pipeline = await startSandbox();
    const { cloud, services, put } = pipeline;
    await Promise.all([...KEYS.map((key) => put(key)), put('empty', '')]);
    const { signal } = new AbortController();
    await cloud.idle(signal);
    // Not by the consumer, which leaves files and no bundle: other programs must be able to extract it too.
    const pulled = await pull(services.consumer, sandbox.path, { signal });
    const [largest] = pulled.sort((a, b) => b.size - a.size);
    bundle = largest?.file ?? '';
    const key = manifestKey(largest?.key ?? '');
    const manifest = parseManifest((await services.archived(key)) ?? '', key);
    members = new Map(manifest.members.map(({ name, sha256 = '' }) => [name, sha256]));
  });
  afterAll(() => sandbox[Symbol.dispose]());

  // bsdtar is the tar of macOS and Windows; elsewhere it may not be there.
  const present = programs.filter(([, command]) => spawnSync(command, ['--version']).error === undefined);
  it.each(present)('is extracted completely by %s', async (name, command, args) => {
    const folder = join(sandbox.path, `by ${name}`);
    mkdirSync(folder);
    const env = { ...process.env, LC_ALL: 'C.UTF-8', PYTHONUTF8: '1' };
    execFileSync(command, args(bundle, folder), { env });
    expect(await hashesBelow(folder)).toEqual(members);
    expect(members.size).toBeGreaterThan(1);
  });
});
