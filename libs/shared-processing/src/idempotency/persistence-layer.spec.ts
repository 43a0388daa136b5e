import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { Context } from 'aws-lambda';
import { systemClock } from '../retry/index.ts';
import { memoryTable } from '../testing/index.ts';
import { LedgerPersistenceLayer } from './index.ts';

const config = new IdempotencyConfig({ expiresAfterSeconds: 3600 });
config.registerLambdaContext({ getRemainingTimeInMillis: () => 30_000 } as Context);

/** A separate process over a shared table. */
function idempotent<T extends object, R>(
  table: ReturnType<typeof memoryTable>,
  work: (payload: T) => Promise<R>,
) {
  const persistenceStore = new LedgerPersistenceLayer({ table, clock: systemClock });
  return makeIdempotent(work, { persistenceStore, config, keyPrefix: 'spec' });
}

describe('makeIdempotent over the ledger', () => {
  it('does the work once and returns its result again', async () => {
    const table = memoryTable();
    const work = jest.fn(async ({ n }: { n: number }) => ({ double: n * 2 }));
    await expect(idempotent(table, work)({ n: 4 })).resolves.toEqual({ double: 8 });
    await expect(idempotent(table, work)({ n: 4 })).resolves.toEqual({ double: 8 });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('refuses to key records by a name that changes with every build', async () => {
    const persistenceStore = new LedgerPersistenceLayer({ table: memoryTable(), clock: systemClock });
    const work = makeIdempotent(async ({ n }: { n: number }) => n, { persistenceStore, config });
    expect(() => work({ n: 1 })).toThrow(/makeIdempotent needs a keyPrefix/);
  });

  it('refuses a second invocation while the first one works', async () => {
    const table = memoryTable();
    let finish: (value: string) => void = () => undefined;
    const slow = idempotent(table, () => new Promise<string>((resolve) => (finish = resolve)))({ n: 1 });
    await new Promise(setImmediate);
    await expect(idempotent(table, async () => 'second')({ n: 1 })).rejects.toThrow(
      /already an execution in progress/,
    );
    finish('first');
    await expect(slow).resolves.toBe('first');
  });

  it('allows a retry after a failure', async () => {
    const table = memoryTable();
    const fails = idempotent(table, () => Promise.reject(new Error('broken')));
    await expect(fails({ n: 1 })).rejects.toThrow('broken');
    expect(table.items.size).toBe(0);
    await expect(idempotent(table, async () => 'well')({ n: 1 })).resolves.toBe('well');
  });

  it('does not remove or complete a record that another has taken over', async () => {
    const table = memoryTable();
    let fail: (error: Error) => void = () => undefined;
    const slow = idempotent(table, () => new Promise((_, reject) => (fail = reject)))({ n: 1 });
    await new Promise(setImmediate);
    const [item] = table.items.values();
    if (!item) throw new Error('nothing was put');
    table.items.set(item.id, { ...item, owner: 'somebody else' });
    fail(new Error('too late'));
    await expect(slow).rejects.toThrow('too late');
    expect(table.items.get(item.id)).toMatchObject({ owner: 'somebody else' });
  });

  it('takes over abandoned work', async () => {
    const table = memoryTable();
    void idempotent(table, () => new Promise<string>(() => undefined))({ n: 1 });
    await new Promise(setImmediate);
    for (const item of table.items.values()) table.items.set(item.id, { ...item, until: Date.now() });
    await expect(idempotent(table, async () => 'second')({ n: 1 })).resolves.toBe('second');
  });

  it('takes over an expired record that DynamoDB has not removed yet', async () => {
    const table = memoryTable();
    await idempotent(table, async () => 'old')({ n: 1 });
    for (const item of table.items.values()) table.items.set(item.id, { ...item, expires: 1 });
    await expect(idempotent(table, async () => 'new')({ n: 1 })).resolves.toBe('new');
  });
});
