import { runChaos } from '../chaos/run.ts';
import { sandboxAssembly } from '../workspace.ts';

const silent = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  stop: () => undefined,
};

describe('the pipeline under kills, cut connections and errors', () => {
  it('loses nothing and delivers nothing twice', async () => {
    const outcome = await runChaos({
      files: 200,
      kills: 3,
      seed: 7,
      assembly: sandboxAssembly,
      signal: AbortSignal.timeout(150_000),
      progress: silent,
    });
    expect(outcome.verdict).toEqual({ lost: [], duplicated: [], mismatched: [], quarantined: [] });
    expect(outcome).toMatchObject({ files: 200, kills: 3 });
    expect(outcome.faults).toBeGreaterThan(0);
  });
});
