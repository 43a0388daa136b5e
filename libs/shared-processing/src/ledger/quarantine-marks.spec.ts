import { landedVersion, manualClock, memoryTable } from '../testing/index.ts';
import { Ledger, markQuarantined, quarantineMarkOf, unmarkQuarantined } from './index.ts';

const DAY = 86_400_000;
const A = landedVersion('a.txt');
const B = landedVersion('a.txt', 'v2');

function setUp() {
  const clock = manualClock();
  const dependencies = { clock, table: memoryTable(), random: () => 0.5 };
  return { clock, dependencies, inDays: (days: number) => (clock.now() + days * DAY) / 1000 };
}

describe('quarantine marks', () => {
  it('store reason and time for one version', async () => {
    const { clock, dependencies, inDays } = setUp();
    await markQuarantined(A, 'too-large', inDays(21), dependencies);
    await expect(quarantineMarkOf(A, dependencies)).resolves.toEqual({
      reason: 'too-large',
      since: clock.now(),
    });
    await expect(quarantineMarkOf(B, dependencies)).resolves.toBeUndefined();
  });

  it('expire, even if DynamoDB has not removed them yet', async () => {
    const { clock, dependencies, inDays } = setUp();
    await markQuarantined(A, 'gone', inDays(1), dependencies);
    clock.advance(DAY);
    await expect(quarantineMarkOf(A, dependencies)).resolves.toBeUndefined();
  });

  it('do not prevent a claim', async () => {
    const { clock, dependencies, inDays } = setUp();
    await markQuarantined(A, 'gone', inDays(21), dependencies);
    const ledger = new Ledger({
      ...dependencies,
      publications: { membersOf: async () => undefined },
      uploads: { abort: async () => undefined },
    });
    const claim = { bundle: 'K1', until: clock.now() + 60_000, expires: inDays(21) };
    await expect(ledger.claim(A, claim)).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });

  it('can be removed, even if missing', async () => {
    const { dependencies, inDays } = setUp();
    await markQuarantined(A, 'gone', inDays(21), dependencies);
    await unmarkQuarantined(A, dependencies);
    await unmarkQuarantined(A, dependencies);
    expect(dependencies.table.items.size).toBe(0);
  });

  it('are not deleted without a condition if there is none', async () => {
    const { dependencies } = setUp();
    const remove = jest.spyOn(dependencies.table, 'delete');
    await unmarkQuarantined(A, dependencies);
    expect(remove).not.toHaveBeenCalled();
  });

  it('stay if the version was quarantined again in the meantime', async () => {
    const { clock, dependencies, inDays } = setUp();
    const { table } = dependencies;
    await markQuarantined(A, 'gone', inDays(21), dependencies);
    const renewing = {
      ...table,
      async get(id: string) {
        const item = await table.get(id);
        clock.advance(1);
        await markQuarantined(A, 'corrupted', inDays(21), dependencies);
        return item;
      },
    };
    await unmarkQuarantined(A, { ...dependencies, table: renewing });
    await expect(quarantineMarkOf(A, dependencies)).resolves.toMatchObject({ reason: 'corrupted' });
  });
});
