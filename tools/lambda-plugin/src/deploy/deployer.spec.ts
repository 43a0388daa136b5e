import { deployerFor } from './deployer.ts';

const functions = ['apps/aggregator', 'apps/reconciler'];

describe('the deployer after a change', () => {
  it.each([
    ["a function's source", ['apps/aggregator/src/handler.ts']],
    ['two functions', ['apps/aggregator/src/handler.ts', 'apps/reconciler/src/sweep.ts']],
    ['a function, its proofs and its docs', ['apps/aggregator/src/a.ts', 'apps/e2e/src/b.ts', 'docs/c.md']],
  ])('is each function after a change to %s', (_change, files) => {
    expect(deployerFor(files, functions)).toBe('functions');
  });

  it.each([
    ['infra', ['apps/infra/src/environments/dev.ts']],
    ['a function and infra', ['apps/aggregator/src/handler.ts', 'apps/infra/src/conventions/names.ts']],
    ['a manifest, which queues and alarms follow from', ['apps/aggregator/function.json']],
    ['a library', ['libs/shared-processing/src/keys/fold.ts']],
    ['a package version', ['apps/aggregator/src/handler.ts', 'package-lock.json']],
    [
      'the build of functions',
      ['apps/aggregator/src/handler.ts', 'tools/lambda-plugin/src/build/lean-sdk.ts'],
    ],
    ['a removed function', ['apps/thumbnailer/function.json', 'apps/thumbnailer/src/work.ts']],
    ['files of no function', ['docs/runbook.md']],
    ['a folder whose name only begins with that of a function', ['apps/aggregator-two/src/a.ts']],
  ])('is infra after a change to %s', (_change, files) => {
    expect(deployerFor(files, functions)).toBe('infra');
  });
});
