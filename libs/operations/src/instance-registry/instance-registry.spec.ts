import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerInstance, findInstance, findInstanceAt } from './index.ts';

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'local-cloud-registry-')), 'cloud');
const keys = { accessKeyId: 'AKIAADMIN', secretAccessKey: 'secret' };
const at = (endpoint: string) => ({
  endpoint,
  region: 'eu-central-1',
  credentials: { admin: keys, perRole: {} },
});
const found = (endpoint: string) => ({ endpoint, region: 'eu-central-1', credentials: keys });
const [one, two] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'] as const;

it('finds a running cloud and its credentials by environment', () => {
  const folder = newFolder();
  expect(findInstance('dev', folder)).toBeUndefined();
  const registration = registerInstance('dev', at(one), folder);
  expect(findInstance('dev', folder)).toEqual(found(one));
  expect(JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8'))).toMatchObject(found(one));
  expect(findInstance('prod', folder)).toBeUndefined();
  registration[Symbol.dispose]();
  expect(findInstance('dev', folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

it('finds the newer of two clouds, even after the older one has stopped', () => {
  const folder = newFolder();
  const earlier = registerInstance('dev', at(one), folder);
  using _later = registerInstance('dev', at(two), folder);
  expect(findInstance('dev', folder)).toEqual(found(two));
  earlier[Symbol.dispose]();
  expect(findInstance('dev', folder)).toEqual(found(two));
});

it('finds the older of two clouds after the newer one has stopped', () => {
  const folder = newFolder();
  using _earlier = registerInstance('dev', at(one), folder);
  registerInstance('dev', at(two), folder)[Symbol.dispose]();
  expect(findInstance('dev', folder)).toEqual(found(one));
  expect(JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8'))).toMatchObject(found(one));
});

it('finds a cloud of any environment by its endpoint', () => {
  const folder = newFolder();
  using _registration = registerInstance('prod', at(two), folder);
  expect(findInstanceAt('http://127.0.0.1:2/', folder)).toEqual(found(two));
  expect(findInstanceAt(one, folder)).toBeUndefined();
});

it('keeps credentials from other users of the machine', () => {
  const folder = newFolder();
  using _registration = registerInstance('dev', at(one), folder);
  const mode = (path: string) => statSync(path).mode & 0o777;
  expect(mode(folder)).toBe(0o700);
  expect(readdirSync(folder)).toHaveLength(2);
  for (const file of readdirSync(folder)) expect(mode(join(folder, file))).toBe(0o600);
});

it('does not find a killed cloud, and removes its record', () => {
  const folder = newFolder();
  const { pid } = spawnSync(process.execPath, ['--version']);
  using _alive = registerInstance('prod', at(one), folder);
  const file = 'dev.00000000-0000-4000-8000-000000000000.json';
  writeFileSync(join(folder, file), JSON.stringify({ pid, started: 1, ...found(two) }));
  expect(findInstance('dev', folder)).toBeUndefined();
  expect(readdirSync(folder)).not.toContain(file);
});

it('leaves no file with credentials if a cloud cannot be registered', () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'dev.json'), { recursive: true });
  expect(() => registerInstance('dev', at(one), folder)).toThrow();
  expect(readdirSync(folder)).toEqual(['dev.json']);
});
