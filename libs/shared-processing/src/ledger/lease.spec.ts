import { CallError } from '../errors/index.ts';
import { silentLog } from '../observability/testing/index.ts';
import { manualClock, memoryTable } from '../testing/index.ts';
import { withLease } from './index.ts';

function setUp() {
  const clock = manualClock();
  const table = memoryTable();
  const dependencies = { clock, table, random: () => 0.5, log: silentLog };
  const until = () => clock.now() + 60_000;
  return { clock, table, dependencies, until };
}
const never = () => new Promise<never>(() => undefined);

describe('withLease', () => {
  it('does the work, and removes the lease', async () => {
    const { dependencies, table, until } = setUp();
    await expect(withLease('a', until(), async () => 7, dependencies)).resolves.toEqual({
      kind: 'done',
      result: 7,
    });
    expect(table.items.size).toBe(0);
  });

  it('allows one holder at a time, and other leases concurrently', async () => {
    const { dependencies, until } = setUp();
    const at = until();
    void withLease('a', at, never, dependencies);
    await expect(withLease('a', until(), async () => 7, dependencies)).resolves.toEqual({
      kind: 'busy',
      until: at,
    });
    await expect(withLease('b', until(), async () => 7, dependencies)).resolves.toMatchObject({
      kind: 'done',
    });
  });

  it('removes the lease if the work fails', async () => {
    const { dependencies, until } = setUp();
    const failing = withLease('a', until(), () => Promise.reject(new Error('broken')), dependencies);
    await expect(failing).rejects.toThrow('broken');
    await expect(withLease('a', until(), async () => 7, dependencies)).resolves.toMatchObject({
      kind: 'done',
    });
  });

  it('lets one invocation take over the lease of a dead holder', async () => {
    const { clock, dependencies, until } = setUp();
    void withLease('a', until(), never, dependencies);
    clock.advance(60_000);
    const worked = jest.fn(never);
    void withLease('a', until(), worked, dependencies);
    const third = withLease('a', until(), async () => 7, dependencies);
    await expect(third).resolves.toMatchObject({ kind: 'busy' });
    expect(worked).toHaveBeenCalledTimes(1);
  });

  it('does not let a late holder remove a lease that was taken over', async () => {
    const { clock, dependencies, table, until } = setUp();
    let finish: (n: number) => void = () => undefined;
    const late = withLease(
      'a',
      until(),
      () => new Promise<number>((resolve) => (finish = resolve)),
      dependencies,
    );
    await new Promise(setImmediate);
    clock.advance(60_000);
    void withLease('a', until(), never, dependencies);
    await new Promise(setImmediate);
    finish(1);
    await late;
    expect(table.items.size).toBe(1);
  });

  it('recognises its own lease if the response to the put was lost', async () => {
    const { dependencies, table, until } = setUp();
    let lost = true;
    const flaky = {
      ...table,
      put: async (...args: Parameters<typeof table.put>) => {
        const answer = await table.put(...args);
        if (!lost) return answer;
        lost = false;
        throw new CallError('PutItem', { outcome: 'unknown', code: 'ECONNRESET' });
      },
    };
    const leased = withLease('a', until(), async () => 7, { ...dependencies, table: flaky });
    await expect(leased).resolves.toMatchObject({ kind: 'done' });
  });

  it('is one item, which DynamoDB removes a day after it expires', async () => {
    const { dependencies, table, until } = setUp();
    const at = until() + 1;
    let held: unknown;
    await withLease('a', at, async () => (held = [...table.items.values()]), dependencies);
    const expires = Math.ceil(at / 1000) + 86_400;
    expect(held).toEqual([{ id: 'lease#a', owner: expect.any(String), until: at, expires }]);
  });

  it('takes a free lease with one write', async () => {
    const { dependencies, table, until } = setUp();
    const put = jest.fn(table.put);
    await withLease('a', until(), async () => 7, { ...dependencies, table: { ...table, put } });
    expect(put).toHaveBeenCalledTimes(1);
  });

  it('is busy, also if others take and remove it three times', async () => {
    const { dependencies, table, until } = setUp();
    const put = jest.fn(async () => ({ kind: 'refused', existing: undefined }) as const);
    const at = until();
    const work = jest.fn();
    const contested = { ...dependencies, table: { ...table, put } };
    await expect(withLease('a', at, work, contested)).resolves.toEqual({ kind: 'busy', until: at });
    expect(put).toHaveBeenCalledTimes(3);
    expect(work).not.toHaveBeenCalled();
  });

  it('keeps the result of the work if the lease cannot be removed', async () => {
    const { dependencies, table, until } = setUp();
    const failure = new CallError('DeleteItem', { outcome: 'refused', code: 'AccessDeniedException' });
    const warn = jest.fn();
    const failing = { ...dependencies, log: { ...silentLog, warn } };
    const lease = withLease('a', until(), async () => 7, {
      ...failing,
      table: { ...table, delete: () => Promise.reject(failure) },
    });
    await expect(lease).resolves.toEqual({ kind: 'done', result: 7 });
    expect(warn).toHaveBeenCalledWith('lease.unreleased', { lease: 'lease#a', error: failure });
  });
});
