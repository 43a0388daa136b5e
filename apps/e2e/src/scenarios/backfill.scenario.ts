import { runBackfill } from '../backfill/run.ts';
import { sandboxAssembly } from '../workspace.ts';

const silent = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  stop: () => undefined,
};

describe('a backfill of existing objects, killed and resumed while live notifications arrive', () => {
  it('loses nothing and delivers nothing twice', async () => {
    const outcome = await runBackfill({
      // Two pages of a listing, so that the command can be killed between them.
      objects: 1_200,
      live: 100,
      kills: 1,
      rate: 500,
      seed: 5,
      assembly: sandboxAssembly,
      env: 'sandbox',
      signal: AbortSignal.timeout(240_000),
      progress: silent,
    });
    expect(outcome.verdict).toEqual({ lost: [], duplicated: [], mismatched: [], quarantined: [] });
    expect(outcome).toMatchObject({ objects: 1_200, kills: 1, estimated: { objects: 1_200 } });
    expect(outcome.duplicatesDropped).toBeGreaterThan(0);
  }, 250_000);
});
