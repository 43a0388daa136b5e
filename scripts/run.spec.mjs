import { colours } from './run.mjs';

const off = { FORCE_COLOR: '0', NO_COLOR: '1' };

it.each([
  ['keeps colours on a terminal', {}, true, {}],
  ['disables colours in a pipe', {}, false, off],
  ['disables colours if NO_COLOR is set', { NO_COLOR: '1' }, true, off],
  ['leaves FORCE_COLOR unchanged', { FORCE_COLOR: '1' }, false, {}],
  ['prefers FORCE_COLOR to NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, {}],
])('%s', (_, env, isTerminal, expected) => {
  expect(colours(env, isTerminal)).toEqual(expected);
});
