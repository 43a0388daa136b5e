import { memoryTable } from '../testing/index.ts';
import { createIdempotent } from './index.ts';

interface Order {
  id: string;
}

const DAY_SECONDS = 86_400;

/** A process of its own over a shared table, in an invocation that has a second left. */
function worker(work: (order: Order) => Promise<unknown>, { table = memoryTable(), name = 'orders' } = {}) {
  const { once, enterInvocation } = createIdempotent(work, { name, table, retentionDays: 21 });
  enterInvocation({ getRemainingTimeInMillis: () => 1_000 });
  return once;
}

const echo = () => jest.fn(async ({ id }: Order) => ({ done: id }));

describe('work that is done once', () => {
  it('gives its first result again for an equal payload, in every process', async () => {
    const table = memoryTable();
    const work = echo();
    await expect(worker(work, { table })({ id: 'a' })).resolves.toEqual({ done: 'a' });
    await expect(worker(work, { table })({ id: 'a' })).resolves.toEqual({ done: 'a' });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('is other work for another payload, and in another function', async () => {
    const table = memoryTable();
    const work = echo();
    await worker(work, { table })({ id: 'a' });
    await worker(work, { table })({ id: 'b' });
    await worker(work, { table, name: 'invoices' })({ id: 'a' });
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('may be tried again where it failed', async () => {
    const work = echo().mockRejectedValueOnce(new Error('not now'));
    const once = worker(work);
    await expect(once({ id: 'a' })).rejects.toThrow('not now');
    await expect(once({ id: 'a' })).resolves.toEqual({ done: 'a' });
  });

  it('is refused while another invocation is at it', async () => {
    const table = memoryTable();
    void worker(() => new Promise(() => undefined), { table })({ id: 'a' });
    await new Promise(setImmediate);
    await expect(worker(echo(), { table })({ id: 'a' })).rejects.toMatchObject({
      name: 'IdempotencyAlreadyInProgressError',
    });
  });

  it('is taken over when the time of an invocation that did not survive it is over', async () => {
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

  it('is remembered for as many days as it is told', async () => {
    const table = memoryTable();
    const before = Date.now() / 1000;
    await worker(echo(), { table })({ id: 'a' });
    const [item] = table.items.values();
    expect(item?.expires).toBeGreaterThanOrEqual(Math.floor(before + 21 * DAY_SECONDS));
    expect(item?.expires).toBeLessThanOrEqual(Date.now() / 1000 + 21 * DAY_SECONDS + 1);
  });
});
