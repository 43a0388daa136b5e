import { type Stage, startStage } from './stage.ts';

const FUNCTION = 'distribution-monitor';

/** The same function twice: one expects its buckets in its own account, the other in another account. */
const variants = [
  { suffix: 'own', without: undefined, environment: { BUCKET_OWNER: '000000000000' } },
  { suffix: 'foreign', without: undefined, environment: { BUCKET_OWNER: '999999999999' } },
];

let stage: Stage;
beforeAll(async () => {
  stage = await startStage(FUNCTION, variants);
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

const invoke = (suffix: string) => {
  const name = Object.keys(stage.cloud.functions).find((candidate) => candidate.endsWith(`-${suffix}`));
  return stage.invoke(name ?? '', {});
};

describe('a function', () => {
  it('works with buckets of the expected account', async () => {
    await expect(invoke('own')).resolves.toMatchObject({ kind: 'answer' });
  });

  it('does not access a bucket that another account owns', async () => {
    await expect(invoke('foreign')).resolves.toEqual({ kind: 'error', type: 'CallError' });
  });
});
