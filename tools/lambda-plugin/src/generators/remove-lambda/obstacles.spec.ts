import { parseManifest } from '@data-aggregator/function-manifest';
import { obstacle } from './obstacles.ts';

function manifest(name: string, rest: object = {}) {
  return parseManifest(
    JSON.stringify({ name, description: 'x', trigger: { type: 'request' }, ...rest }),
    name,
  );
}

const plain = manifest('thumbnailer');
const queued = manifest('thumbnailer', { trigger: { type: 'sqs' } });

describe('what stands in the way of removing a function', () => {
  it('is nothing, where nobody depends on it and it has no queue', () => {
    expect(obstacle(plain, [], [manifest('other')], false)).toBeUndefined();
  });

  it('is not the edge that every function has from infra', () => {
    expect(obstacle(plain, [{ project: 'infra', type: 'implicit' }], [], false)).toBeUndefined();
  });

  it('is a project that depends on it', () => {
    const dependents = [
      { project: 'e2e', type: 'implicit' },
      { project: 'infra', type: 'implicit' },
      { project: 'bench', type: 'static' },
      { project: 'bench', type: 'dynamic' },
    ];
    expect(obstacle(plain, dependents, [], true)).toBe('thumbnailer cannot go: bench, e2e depends on it.');
    expect(obstacle(plain, [{ project: 'infra', type: 'static' }], [], true)).toContain(
      'infra depends on it',
    );
  });

  it.each([
    ['is told the address of its queue', { environment: { Q: '${queue.url:thumbnailer}' } }],
    ['is told the address of its dead letters', { environment: { Q: 'x${dead-letters.url:thumbnailer}' } }],
    ['may send to its queue', { access: [{ resource: 'queue', of: 'thumbnailer', may: ['send'] }] }],
  ])('is a function that %s', (_, rest) => {
    expect(obstacle(queued, [], [manifest('reconciler', rest)], true)).toBe(
      'thumbnailer cannot go: its queue is used in the function.json of reconciler.',
    );
  });

  it('is not a function that uses the queue of another', () => {
    const other = manifest('reconciler', { environment: { Q: '${queue.url:thumbnailer-two}' } });
    expect(obstacle(queued, [], [other], true)).toBeUndefined();
  });

  it('is a queue, until --force says that it may go', () => {
    expect(obstacle(queued, [], [], false)).toMatch(/^thumbnailer has a queue, .* --force\.$/);
    expect(obstacle(queued, [], [], true)).toBeUndefined();
  });
});
