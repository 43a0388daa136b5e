import fc from 'fast-check';
import type { DeployedFunction } from '../app/functions.ts';
import { type KeyFilter, narrowing, type Route, routesOf } from './routes.ts';

function listening(name: string, filter: Partial<KeyFilter>, bucket: 'landing' | 'archive' = 'landing') {
  const trigger = {
    type: 's3-sqs' as const,
    bucket,
    ...filter,
    notifiedBy: 's3' as const,
    batchSize: 10,
    batchWindowSeconds: 0,
    maxConcurrency: 2,
    maxReceiveCount: 5,
  };
  return { manifest: { name, trigger } } as DeployedFunction;
}

const matches = (filter: KeyFilter, key: string) =>
  key.startsWith(filter.prefix) && key.endsWith(filter.suffix);

const names = (route: Route | undefined) => route?.listeners.map(({ name }) => name);

describe('routes from buckets to queues', () => {
  it('stay separate for functions whose keys cannot overlap', () => {
    const routes = routesOf([listening('a', { prefix: 'a/' }), listening('b', { prefix: 'b/' })]);
    expect(routes.map(names)).toEqual([['a'], ['b']]);
  });

  it('stay separate for functions that listen to different buckets', () => {
    expect(routesOf([listening('a', {}), listening('b', {}, 'archive')])).toHaveLength(2);
  });

  it('merge functions that listen to the same keys', () => {
    const routes = routesOf([listening('a', {}), listening('b', {})]);
    expect(routes.map(names)).toEqual([['a', 'b']]);
    expect(routes[0]).toMatchObject({ prefix: '', suffix: '' });
  });

  it('merge functions that a third one overlaps, with a filter that covers all', () => {
    const routes = routesOf([
      listening('a', { prefix: 'x/a/' }),
      listening('b', { prefix: 'x/b/' }),
      listening('all', { prefix: 'x/' }),
    ]);
    expect(routes.map(names)).toEqual([['b', 'a', 'all']]);
    expect(routes[0]).toMatchObject({ prefix: 'x/', suffix: '' });
  });

  it('refuse a function that narrows both prefix and suffix of a shared route', () => {
    const [route] = routesOf([listening('a', {}), listening('b', { prefix: 'p/', suffix: '.json' })]);
    const b = route?.listeners.find(({ name }) => name === 'b');
    if (route === undefined || b === undefined) throw new Error('b has no route');
    expect(() => narrowing(route, b)).toThrow(
      /^b listens to landing by prefix "p\/" and suffix ".json", while/,
    );
  });

  it('never overlap, and deliver every key to exactly the functions that listen to it', () => {
    const part = fc.constantFrom('', 'a', 'ab', 'b', 'ba', 'aa');
    const filters = fc.array(fc.record({ prefix: part, suffix: part }), { minLength: 1, maxLength: 6 });
    const keys = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(filters, keys, (wanted, key) => {
        const routes = routesOf(wanted.map((filter, index) => listening(`f${index}`, filter)));
        const taken = routes.filter((route) => matches(route, key));
        expect(taken.length).toBeLessThanOrEqual(1);
        const told = taken.flatMap(({ listeners }) => listeners).filter((filter) => matches(filter, key));
        const want = wanted.flatMap((filter, index) => (matches(filter, key) ? [`f${index}`] : []));
        expect(told.map(({ name }) => name).sort()).toEqual(want);
      }),
    );
  });
});
