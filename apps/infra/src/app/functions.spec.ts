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
  it('equal their manifests if the environment overrides nothing', () => {
    const [fn] = deployedFunctions({ ...dev, everyFunction: {}, functions: {} }, workspace);
    expect(fn?.manifest).toMatchObject({
      timeoutSeconds: 300,
      memoryMb: 512,
      environment: { A: 'manifest', B: 'manifest' },
      trigger: { batchSize: 2000, batchWindowSeconds: 20 },
    });
  });

  it('prefer the settings for one function to those for every function, and both to the manifest', () => {
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

  it('cannot be overridden if they do not exist', () => {
    expect(() => deployedFunctions({ ...dev, functions: { agregator: {} } }, workspace)).toThrow(
      'Environment dev has settings for the function "agregator", which does not exist.',
    );
  });

  it('name the command that builds a missing artifact', () => {
    const unbuilt = fixtureWorkspace([fixtureFunction()], { built: false });
    expect(() => deployedFunctions({ ...dev, functions: {} }, unbuilt)).toThrow(
      'apps/aggregator/dist/function/index.mjs does not exist. Run "npx nx build aggregator" first.',
    );
  });
});
