import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveNote, runningCloud } from './running.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'local-cloud-notes-'));
const at = (endpoint: string) => ({ endpoint, region: 'eu-central-1' });

it('finds a cloud by its environment, for as long as it runs', () => {
  const folder = newFolder();
  expect(runningCloud('dev', folder)).toBeUndefined();
  const note = leaveNote('dev', at('http://127.0.0.1:1'), folder);
  expect(runningCloud('dev', folder)).toEqual(at('http://127.0.0.1:1'));
  expect(runningCloud('prod', folder)).toBeUndefined();
  note[Symbol.dispose]();
  expect(runningCloud('dev', folder)).toBeUndefined();
});

it('finds the later of two, also once the earlier one has ended', () => {
  const folder = newFolder();
  const earlier = leaveNote('dev', at('http://127.0.0.1:1'), folder);
  using _later = leaveNote('dev', at('http://127.0.0.1:2'), folder);
  earlier[Symbol.dispose]();
  expect(runningCloud('dev', folder)).toEqual(at('http://127.0.0.1:2'));
});

it('does not find one that was killed', () => {
  const folder = newFolder();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(folder, 'dev.json'), JSON.stringify({ pid, ...at('http://127.0.0.1:1') }));
  expect(runningCloud('dev', folder)).toBeUndefined();
});
