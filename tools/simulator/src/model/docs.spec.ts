import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocol } from './protocol.ts';
import { GUARDS, INVARIANTS } from './rules.ts';

/*
 * docs/protocol.md and the model say the same: neither can change alone.
 */

const page = readFileSync(join(import.meta.dirname, '../../../../docs/protocol.md'), 'utf8');

/** The rows of the first table below a heading, without its head. */
function tableBelow(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const namesIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

it('lists every action with its guards', () => {
  const documented = tableBelow('Actions').map(([action, , guards]) => [
    namesIn(action)[0],
    namesIn(guards).sort(),
  ]);
  const modelled = Object.entries(protocol).map(([action, { guards }]) => [
    action,
    Object.keys(guards).sort(),
  ]);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(modelled));
  expect(documented).toHaveLength(modelled.length);
});

it.each([
  ['Guards', GUARDS],
  ['Invariants', INVARIANTS],
])('lists the sentences of all %s', (heading, sentences) => {
  const documented = tableBelow(heading).map(([name, sentence]) => [namesIn(name)[0], sentence]);
  expect(documented).toEqual(Object.entries(sentences));
});

it('uses every guard', () => {
  const used = new Set(Object.values(protocol).flatMap(({ guards }) => Object.keys(guards)));
  expect([...used].sort()).toEqual(Object.keys(GUARDS).sort());
});

it.each([
  'dies before its upload',
  'dies during an upload',
  'dies after the manifest',
  'dies after it has published',
  'response is lost',
  'late PUT within the grace',
  'abort comes before the takeover',
  'reconciler races a builder',
  'redrive races a builder',
  'Two consumers',
])('draws the takeover: %s', (title) => {
  const takeovers = page.split('\n## Takeovers\n')[1] ?? '';
  const story = takeovers.split('\n**').find((part) => part.split('**')[0]?.includes(title));
  expect(story).toMatch(/```\n[^`]+```/);
});
