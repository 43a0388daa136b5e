import { colours } from './run.mjs';

const off = { FORCE_COLOR: '0', NO_COLOR: '1' };

it.each([
  ['leaves a terminal its colours', {}, true, {}],
  ['has none in a pipe', {}, false, off],
  ['has none where nobody wants them', { NO_COLOR: '1' }, true, off],
  ['leaves it to who wants them', { FORCE_COLOR: '1' }, false, {}],
  ['leaves it to who wants them, before who does not', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, {}],
])('%s', (_, env, isTerminal, expected) => {
  expect(colours(env, isTerminal)).toEqual(expected);
});
