import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder } from '../testing/folder.ts';
import { UsageError } from './exit.ts';
import { loadEnvFile, readSettings, variables } from './settings.ts';

const env = { TO: '/inbox', DISTRIBUTION_BUCKET: 'dist', ARCHIVE_BUCKET: 'arch', AWS_REGION: 'eu-central-1' };

it('has defaults for everything but names', () => {
  expect(readSettings({}, env)).toMatchObject({
    prefixes: ['bundles/', 'replays/'],
    layout: 'bundle',
    parallel: 4,
    listEveryMs: 30_000,
    lostAfterMs: 900_000,
    queueUrl: undefined,
  });
});

it('lists less often with a queue', () => {
  expect(readSettings({}, { ...env, READY_QUEUE_URL: 'https://sqs/1/q' }).listEveryMs).toBe(300_000);
});

it('prefers options to variables', () => {
  const settings = readSettings(
    { to: '/other', layout: 'tree', metricsPort: '9100' },
    { ...env, LAYOUT: 'bundle' },
  );
  expect(settings).toMatchObject({ to: '/other', layout: 'tree', metricsPort: 9100 });
});

it.each([
  ['to', 'TO', '/other', { to: '/other' }],
  ['layout', 'LAYOUT', 'tree', { layout: 'tree' }],
  ['exec', 'EXEC', 'import', { exec: 'import' }],
  ['parallel', 'PARALLEL', '8', { parallel: 8 }],
  ['metricsPort', 'METRICS_PORT', '0', { metricsPort: 0 }],
  [
    undefined,
    'PREFIXES',
    ' bundles/a/ ,,replays/_groups/a/',
    { prefixes: ['bundles/a/', 'replays/_groups/a/'] },
  ],
  [undefined, 'EXEC_TIMEOUT_SECONDS', '2', { execTimeoutMs: 2_000 }],
  [undefined, 'RESERVE_BYTES', '1KiB', { reserveBytes: 1_024 }],
  [undefined, 'LIST_EVERY_SECONDS', '7', { listEveryMs: 7_000 }],
  [undefined, 'LOST_AFTER_SECONDS', '0', { lostAfterMs: 0 }],
  [undefined, 'ROLE_ARN', 'arn', { roleArn: 'arn' }],
  [undefined, 'EXTERNAL_ID', 'id', { externalId: 'id' }],
])('takes option %s and variable %s', (flag, variable, value, expected) => {
  const defaults = readSettings({}, env);
  expect(readSettings({}, { ...env, [variable]: value })).toEqual({ ...defaults, ...expected });
  if (flag !== undefined) expect(readSettings({ [flag]: value }, env)).toEqual({ ...defaults, ...expected });
});

it('knows the region by either name', () => {
  const named = { ...env, AWS_REGION: undefined, AWS_DEFAULT_REGION: 'eu-west-1' };
  expect(readSettings({}, named).region).toBe('eu-west-1');
  expect(readSettings({}, { ...named, AWS_REGION: 'eu-west-3' }).region).toBe('eu-west-3');
});

it.each<[string, Record<string, string>, string]>([
  ['a missing bucket', { DISTRIBUTION_BUCKET: '' }, 'DISTRIBUTION_BUCKET is not set'],
  ['an unknown layout', { LAYOUT: 'flat' }, 'LAYOUT is "flat": expected "bundle" or "tree"'],
  ['a foreign prefix', { PREFIXES: 'bundles/a/,other/' }, 'PREFIXES is "bundles/a/,other/"'],
  ['no prefix', { PREFIXES: ',' }, 'PREFIXES is ","'],
])('refuses %s', (_, change, message) => {
  const read = () => readSettings({}, { ...env, ...change });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});

it('reads a file, without replacing what the environment has', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'consumer.env');
    writeFileSync(file, '\uFEFFPARALLEL=2\n# comment\nLAYOUT=tree\nTO="/from file"\n');
    const merged: Record<string, string | undefined> = { LAYOUT: 'bundle' };
    loadEnvFile(file, merged);
    expect(merged).toEqual({ PARALLEL: '2', LAYOUT: 'bundle', TO: '/from file' });
    expect(() => loadEnvFile(join(folder, 'none'), {})).toThrow(UsageError);
  }));

it.each([
  ['docs/consumer.md', '`', '`'],
  ['apps/consumer/packaging/consumer.env', '', '='],
])('is explained in %s', (page, before, after) => {
  const text = readFileSync(join(__dirname, '../../../..', page), 'utf8');
  const missing = Object.keys(variables).filter((name) => !text.includes(`${before}${name}${after}`));
  // The target folder is an option in the unit file.
  expect(missing.filter((name) => name !== 'TO' || before !== '')).toEqual([]);
});
