import type { Metafile } from 'esbuild';
import { artifactBytes, budgetError, growth, weigh } from './budget.ts';

/** A metafile with one output of these inputs. */
function metafile(inputs: Record<string, number>, bytes = 0): Metafile {
  return {
    inputs: {},
    outputs: {
      'apps/demo/dist/function/index.mjs.map': { bytes: 9, inputs: {}, imports: [], exports: [] },
      'apps/demo/dist/function/index.mjs': {
        bytes: bytes || Object.values(inputs).reduce((sum, size) => sum + size, 0),
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]),
        ),
        imports: [],
        exports: ['handler'],
      },
    },
  };
}

const before = metafile({
  'node_modules/@aws-sdk/client-s3/dist-es/S3.js': 300_000,
  'node_modules/@aws-sdk/client-s3/dist-es/commands/Get.js': 1_000,
  'node_modules/valibot/dist/index.js': 20_000,
  'apps/demo/src/handler.ts': 500,
});
const now = metafile({
  'node_modules/@aws-sdk/client-s3/dist-es/S3.js': 300_000,
  'node_modules/lodash/lodash.js': 70_000,
  'node_modules/a/node_modules/lodash/lodash.js': 5_000,
  'apps/demo/src/handler.ts': 900,
});

describe('weigh', () => {
  it("sums up npm packages, even nested ones, and lists the workspace's files one by one", () => {
    expect([...weigh(now)]).toEqual([
      ['@aws-sdk/client-s3', 300_000],
      ['lodash', 75_000],
      ['apps/demo/src/handler.ts', 900],
    ]);
  });
});

describe('growth', () => {
  it('lists what grew, largest first, and nothing that shrank', () => {
    expect(growth(weigh(before), weigh(now))).toEqual([
      ['lodash', 75_000],
      ['apps/demo/src/handler.ts', 400],
    ]);
  });
});

describe('budgetError', () => {
  it('accepts a size equal to the budget', () => {
    const sizeBudgetKb = 400;
    const at = (bytes: number) => ({
      name: 'demo',
      sizeBudgetKb,
      metafile: metafile({ a: 1 }, bytes),
      before,
    });
    expect(budgetError(at(400_000))).toBeUndefined();
    expect(budgetError(at(400_001))).toBeDefined();
  });

  it('names the size, the largest parts and those that grew', () => {
    expect(budgetError({ name: 'demo', sizeBudgetKb: 350, metafile: now, before })).toBe(
      [
        'demo is 375.9 KB, over the 350.0 KB of sizeBudgetKb in its function.json.',
        'Largest parts: @aws-sdk/client-s3 300.0 KB, lodash 75.0 KB, apps/demo/src/handler.ts 0.9 KB.',
        'Grew by: lodash 75.0 KB, apps/demo/src/handler.ts 0.4 KB.',
      ].join('\n'),
    );
  });

  it('mentions no growth on a first build', () => {
    expect(budgetError({ name: 'demo', sizeBudgetKb: 350, metafile: now, before: undefined })).not.toContain(
      'Grew',
    );
  });
});

describe('artifactBytes', () => {
  it('is the size of the code without its source map', () => {
    expect(artifactBytes(before)).toBe(321_500);
  });
});
