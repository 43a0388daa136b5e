import { policyOf } from './policy.ts';
import { runConsole } from './command.ts';

async function run(...words: string[]) {
  const written = { out: '', err: '' };
  const code = await runConsole(words, {
    env: {},
    out: (text) => (written.out += text),
    err: (text) => (written.err += text),
  });
  return { code, ...written };
}

it('prints the policy of an environment, for any account or for one', async () => {
  const { code, out } = await run('policy', '--env', 'prod');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(policyOf({ env: 'prod' }));
  expect(out).toContain('arn:aws:s3:::data-aggregator-prod-landing-*-*');
  expect(out).not.toMatch(/Put|Delete|Send/);

  const changes = await run(
    'policy',
    '--allow-changes',
    '--account',
    '123456789012',
    '--region',
    'eu-west-2',
  );
  expect(changes.out).toContain('arn:aws:sqs:eu-west-2:123456789012:data-aggregator-dev-aggregator"');
  expect(changes.out).toContain('"sqs:SendMessage"');
});

it('allows nothing of another environment, and everything on every resource only where AWS has no resources', () => {
  for (const { Action, Resource } of policyOf({ env: 'dev', allowChanges: true }).Statement) {
    if (Action[0]?.startsWith('cloudwatch:')) continue;
    for (const resource of Resource) expect(resource).toMatch(/data-aggregator(-dev-|\/dev\/)/);
    for (const action of Action) expect(action).not.toContain('*');
  }
});

it.each([
  ['help', ['--help'], 0, /serve .*\n.*policy/s],
  ['help of serve', ['serve', '--help'], 0, /--allow-changes/],
  ['a port that is none', ['serve', '--port', '70000'], 2, /A port is a whole number/],
  ['an account that is none', ['policy', '--account', '1'], 2, /12 digits/],
  [
    'no running cloud',
    ['serve', '--env', 'nowhere'],
    2,
    /No embedded cloud with the templates of "nowhere" is running/,
  ],
])('%s', async (_what, words, code, pattern) => {
  const result = await run(...words);
  expect([result.code, result.out + result.err]).toEqual([code, expect.stringMatching(pattern)]);
});
