import { parseFunctionManifest } from '@data-aggregator/function-manifest';
import { obstacle, type Surroundings } from './obstacles.ts';

function manifest(name: string, rest: object = {}) {
  return parseFunctionManifest(
    JSON.stringify({ name, description: 'x', trigger: { type: 'request' }, ...rest }),
    name,
  );
}

const plain = manifest('thumbnailer');
const alone: Surroundings = { dependents: [], others: [], environments: [] };
const queued = manifest('thumbnailer', { trigger: { type: 'sqs' } });

describe('what stands in the way of removing a function', () => {
  it('is nothing, where nobody depends on it and it has no queue', () => {
    expect(obstacle(plain, { ...alone, others: [manifest('other')] }, false)).toBeUndefined();
  });

  it('is not the edge that every function has from infra', () => {
    expect(
      obstacle(plain, { ...alone, dependents: [{ project: 'infra', type: 'implicit' }] }, false),
    ).toBeUndefined();
  });

  it('is a project that depends on it', () => {
    const dependents = [
      { project: 'e2e', type: 'implicit' },
      { project: 'infra', type: 'implicit' },
      { project: 'bench', type: 'static' },
      { project: 'bench', type: 'dynamic' },
    ];
    expect(obstacle(plain, { ...alone, dependents }, true)).toBe(
      'thumbnailer cannot go: bench, e2e depends on it.',
    );
    const imported = { ...alone, dependents: [{ project: 'infra', type: 'static' }] };
    expect(obstacle(plain, imported, true)).toContain('infra depends on it');
  });

  it.each([
    ['is told the address of its queue', { environment: { Q: '${queue.url:thumbnailer}' } }],
    ['is told the address of its dead letters', { environment: { Q: 'x${dead-letters.url:thumbnailer}' } }],
    ['may send to its queue', { access: [{ resource: 'queue', of: 'thumbnailer', may: ['send'] }] }],
  ])('is a function that %s', (_, rest) => {
    expect(obstacle(queued, { ...alone, others: [manifest('reconciler', rest)] }, true)).toBe(
      'thumbnailer cannot go: its queue is used in the function.json of reconciler.',
    );
  });

  it('is not a function that uses the queue of another', () => {
    const other = manifest('reconciler', { environment: { Q: '${queue.url:thumbnailer-two}' } });
    expect(obstacle(queued, { ...alone, others: [other] }, true)).toBeUndefined();
  });

  it('is an environment that has settings for it', () => {
    const environments = ['apps/infra/src/environments/dev.ts'];
    expect(obstacle(plain, { ...alone, environments }, true)).toBe(
      'thumbnailer cannot go: apps/infra/src/environments/dev.ts has settings for it.',
    );
  });

  it('is a queue, until --force says that it may go', () => {
    expect(obstacle(queued, alone, false)).toMatch(/^thumbnailer has a queue, .* --force\.$/);
    expect(obstacle(queued, alone, true)).toBeUndefined();
  });
});
