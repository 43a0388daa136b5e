import { commandsOf, documentedCommands, pages } from './commands.ts';
import { codesIn, exitCodesOf, missingIn, readProjects } from './exists.ts';
import { WAYS } from './ways.ts';

jest.setTimeout(300_000);
const commands = documentedCommands();
const waysOf = (text: string) => WAYS.filter(([pattern]) => pattern.test(text));

describe('documented commands', () => {
  it('are found in blocks and in the text', () => {
    const page = [
      '```sh\n$ npm start     # sends\nnpx nx run a:b   --x=1      comment\nls\n```',
      '`npx nx build a && npx nx test a` or `npm`',
    ].join('\n');
    expect(commandsOf('p', page)).toEqual([
      { page: 'p', line: 2, text: 'npm start' },
      { page: 'p', line: 3, text: 'npx nx run a:b   --x=1' },
      { page: 'p', line: 6, text: 'npx nx build a' },
      { page: 'p', line: 6, text: 'npx nx test a' },
    ]);
    expect(commands.length).toBeGreaterThan(70);
  });

  it('are each checked in exactly one way', () => {
    const wrong = commands.filter(({ text }) => waysOf(text).length !== 1);
    expect(
      wrong.map(({ page, line, text }) => `${page}:${line} ${text}: ${waysOf(text).length} ways`),
    ).toEqual([]);
  });

  it('use every entry of the table of ways', () => {
    const unused = WAYS.filter(([pattern]) => !commands.some(({ text }) => pattern.test(text)));
    expect(unused.map(([pattern]) => pattern.source)).toEqual([]);
  });

  it('name scripts, targets, configurations, generators and options that exist', () => {
    const projects = readProjects();
    const wrong = commands
      .filter(({ text }) => waysOf(text)[0]?.[1].how !== 'form')
      .flatMap(({ page, line, text }) =>
        missingIn(text, projects).map((missing) => `${page}:${line} ${text}: no ${missing}`),
      );
    expect(wrong).toEqual([]);
    const nonsense = [
      'npm run nothing',
      'npm run cloud -- --nothing',
      'npx nx run ops:nothing',
      'npx nx run ops:find -- KEY --nothing',
      'npx nx run ops:quarantine -- redrive --note x',
      'npx nx run infra:synth --configuration=nothing',
      'npx nx g @data-aggregator/lambda-plugin:lambda x --nothing=1',
      'npx node tools/nothing.ts',
    ];
    for (const command of nonsense) expect(missingIn(command, projects)).toHaveLength(1);
  });
});

it.each([
  ['docs/operations.md', ['tools/ops/src/main.ts', 'find']],
  ['docs/local-cloud.md', ['tools/local-cloud/src/cli.ts']],
  ['docs/scenarios.md', ['apps/e2e/src/run/main.ts']],
])('%s lists the exit codes that --help of %j lists', (page, [script = '', ...words]) => {
  const documented = codesIn(pages().get(page) ?? '');
  expect(documented.length).toBeGreaterThan(2);
  expect(documented).toEqual(exitCodesOf(script, ...words));
});
