import { parseArguments } from './arguments.ts';

function parse(...args: string[]) {
  let written = '';
  const parsed = parseArguments(args, (text) => (written += text));
  return { parsed, written };
}

it('accepts several scenarios; the default target is local', () => {
  expect(parse('--config', 'a.json', 'b.json', '--verbose').parsed).toEqual({
    kind: 'request',
    request: { configs: ['a.json', 'b.json'], without: undefined, target: 'local', verbose: true },
  });
  expect(parse('--config', 'a.json', '--target', 'aws').parsed).toMatchObject({ request: { target: 'aws' } });
});

it('--all selects all scenarios of the folder, in order', () => {
  const { parsed } = parse('--all', '--without', 'slow');
  if (parsed.kind !== 'request') throw new Error('no request');
  const { configs, without } = parsed.request;
  expect(without).toBe('slow');
  expect(configs.length).toBeGreaterThanOrEqual(13);
  expect(configs).toEqual([...configs].sort());
});

it.each([
  [[], 'say --config <file> or --all'],
  [['--config', 'a', '--all'], "cannot be used with option '--all'"],
  [['--config', 'a', '--target', 'moon'], 'Allowed choices are local, aws'],
  [['--confg', 'a'], "unknown option '--confg'"],
])('%j is bad input, and says why', (args, reason) => {
  const { parsed, written } = parse(...args);
  expect(parsed).toEqual({ kind: 'done', exitCode: 2 });
  expect(written).toContain(reason);
});

it('prints help', () => {
  expect(parse('--help')).toMatchObject({ parsed: { kind: 'done', exitCode: 0 } });
});
