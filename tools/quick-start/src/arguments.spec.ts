import { parseArguments } from './arguments.ts';

function parse(...args: string[]) {
  let text = '';
  const parsed = parseArguments(args, (more) => (text += more));
  return { parsed, text };
}

describe('the command line', () => {
  it('works without arguments', () => {
    expect(parse().parsed).toEqual({
      kind: 'request',
      request: { folder: undefined, out: './out', json: false, assembly: undefined, check: false },
    });
  });

  it('takes a folder and options in any order', () => {
    const request = { folder: './in', out: 'there', json: true, assembly: 'cdk.out/x', check: false };
    const options = ['--out', 'there', '--json', '--assembly=cdk.out/x'];
    expect(parse('./in', ...options).parsed).toEqual({ kind: 'request', request });
    expect(parse(...options, './in').parsed).toEqual({ kind: 'request', request });
  });

  it('prints help', () => {
    const { parsed, text } = parse('--help');
    expect(parsed).toEqual({ kind: 'done', exitCode: 0 });
    expect(text).toContain('Usage: npm start -- [options] [folder]');
    expect(text).toContain('Symbolic links are not followed');
  });

  it.each([
    [['--frob'], "error: unknown option '--frob'"],
    [['a', 'b'], 'error: too many arguments'],
    [['--out'], "error: option '--out <folder>' argument missing"],
  ])('with %j is refused in one line', (args, message) => {
    const { parsed, text } = parse(...args);
    expect(parsed).toEqual({ kind: 'done', exitCode: 2 });
    expect(text).toMatch(/^[^\n]*\n$/);
    expect(text).toContain(message);
  });
});
