import { createRandom } from '@data-aggregator/shared-processing/testing';
import { type LargeRun, runLarge } from '../large/run.ts';
import { sandboxAssembly } from '../workspace.ts';

const silent = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  stop: () => undefined,
};

const run = (changes: Pick<LargeRun, 'size' | 'incompressible' | 'route' | 'timeoutSeconds'>) =>
  runLarge({
    kills: 1,
    files: 10,
    assembly: sandboxAssembly,
    random: createRandom(1),
    signal: AbortSignal.timeout(150_000),
    progress: silent,
    ...changes,
  });
const clean = { lost: [], duplicated: [], mismatched: [], quarantined: [] };

describe('a huge object whose builder is killed', () => {
  it('is delivered once, unchanged, streamed in parts or copied by S3, and so are small files next to it', async () => {
    const [streamed, copied] = await Promise.all([
      // A killed builder blocks its object until the timeout. Three builders that are too slow refuse it, so a busy machine needs time.
      run({ size: 200e6, incompressible: 115e6, route: 'stream', timeoutSeconds: 24 }),
      run({ size: 1e12, incompressible: 16e6, route: 'copy', timeoutSeconds: 10 }),
    ]);
    expect(streamed).toMatchObject({ route: 'stream', kills: 1, problems: [], verdict: clean });
    expect(streamed.parts).toBeGreaterThan(1);
    expect(streamed.peakRssMb).toBeLessThanOrEqual(400);
    expect(copied).toMatchObject({ route: 'copy', kills: 1, problems: [], verdict: clean });
    expect(copied.parts).toBeGreaterThan(900);
    expect(copied.peakRssMb).toBeLessThanOrEqual(400);
  });
});
