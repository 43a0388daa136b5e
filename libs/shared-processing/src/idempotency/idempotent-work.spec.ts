import { memoryTable } from '../testing/index.ts';
import { createIdempotent } from './index.ts';

interface Order {
  id: string;
}

const DAY_SECONDS = 86_400;

/** A separate process over a shared table, in an invocation with one second left. */
function worker(work: (order: Order) => Promise<unknown>, { table = memoryTable(), name = 'orders' } = {}) {
  const { once, enterInvocation } = createIdempotent(work, { name, table, retentionDays: 21 });
  enterInvocation({ getRemainingTimeInMillis: () => 1_000 });
  return once;
}

const echo = () => jest.fn(async ({ id }: Order) => ({ done: id }));

describe('createIdempotent', () => {
  it('returns the first result for an equal payload, in every process', async () => {
    const table = memoryTable();
    const work = echo();
    await expect(worker(work, { table })({ id: 'a' })).resolves.toEqual({ done: 'a' });
    await expect(worker(work, { table })({ id: 'a' })).resolves.toEqual({ done: 'a' });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('does the work again for another payload, and in another function', async () => {
    const table = memoryTable();
    const work = echo();
    await worker(work, { table })({ id: 'a' });
    await worker(work, { table })({ id: 'b' });
    await worker(work, { table, name: 'invoices' })({ id: 'a' });
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('can be retried after a failure', async () => {
    const work = echo().mockRejectedValueOnce(new Error('not now'));
    const once = worker(work);
    await expect(once({ id: 'a' })).rejects.toThrow('not now');
    await expect(once({ id: 'a' })).resolves.toEqual({ done: 'a' });
  });

  it('is refused while another invocation does the work', async () => {
    const table = memoryTable();
    void worker(() => new Promise(() => undefined), { table })({ id: 'a' });
    await new Promise(setImmediate);
    await expect(worker(echo(), { table })({ id: 'a' })).rejects.toMatchObject({
      name: 'IdempotencyAlreadyInProgressError',
    });
  });

  it('takes over the work of a dead invocation after that invocation’s deadline', async () => {
    const table = memoryTable();
    const once = createIdempotent(() => new Promise(() => undefined), {
      name: 'orders',
      table,
      retentionDays: 1,
    });
    once.enterInvocation({ getRemainingTimeInMillis: () => -60_000 });
    void once.once({ id: 'a' });
    await new Promise(setImmediate);
    await expect(worker(echo(), { table })({ id: 'a' })).resolves.toEqual({ done: 'a' });
  });

  it('keeps the result for the configured number of days', async () => {
    const table = memoryTable();
    const before = Date.now() / 1000;
    await worker(echo(), { table })({ id: 'a' });
    const [item] = table.items.values();
    expect(item?.expires).toBeGreaterThanOrEqual(Math.floor(before + 21 * DAY_SECONDS));
    expect(item?.expires).toBeLessThanOrEqual(Date.now() / 1000 + 21 * DAY_SECONDS + 1);
  });
});
