import { environment as dev } from '../environments/dev.ts';
import { deployedFunctions } from './functions.ts';
import { fixtureFunction, fixtureWorkspace } from '../testing/fixture.ts';

const workspace = fixtureWorkspace([
  fixtureFunction({
    timeoutSeconds: 300,
    memoryMb: 512,
    environment: { A: 'manifest', B: 'manifest' },
    trigger: { type: 's3-sqs', bucket: 'landing', batchSize: 2000, batchWindowSeconds: 20 },
  }),
]);

describe('functions of an environment', () => {
  it('are as their manifests say where the environment says nothing', () => {
    const [fn] = deployedFunctions({ ...dev, everyFunction: {}, functions: {} }, workspace);
    expect(fn?.manifest).toMatchObject({
      timeoutSeconds: 300,
      memoryMb: 512,
      environment: { A: 'manifest', B: 'manifest' },
      trigger: { batchSize: 2000, batchWindowSeconds: 20 },
    });
  });

  it('take what is said of one before what is said of all, and both before their manifests', () => {
    const [fn] = deployedFunctions(
      {
        ...dev,
        everyFunction: { timeoutSeconds: 10, batchSize: 50, environment: { B: 'every', C: 'every' } },
        functions: { aggregator: { timeoutSeconds: 20, batchWindowSeconds: 1, environment: { C: 'one' } } },
      },
      workspace,
    );
    expect(fn?.manifest).toMatchObject({
      timeoutSeconds: 20,
      memoryMb: 512,
      environment: { A: 'manifest', B: 'every', C: 'one' },
      trigger: { batchSize: 50, batchWindowSeconds: 1, bucket: 'landing' },
    });
  });

  it('cannot be overridden where they do not exist', () => {
    expect(() => deployedFunctions({ ...dev, functions: { agregator: {} } }, workspace)).toThrow(
      'Environment dev overrides "agregator", and there is no such function.',
    );
  });

  it('say which command builds what is not built', () => {
    const unbuilt = fixtureWorkspace([fixtureFunction()], { built: false });
    expect(() => deployedFunctions({ ...dev, functions: {} }, unbuilt)).toThrow(
      'apps/aggregator/dist/function/index.mjs is not there: run "npx nx build aggregator" first.',
    );
  });
});
