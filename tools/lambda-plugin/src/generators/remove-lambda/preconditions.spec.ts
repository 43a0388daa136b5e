import { parseFunctionManifest } from '@data-aggregator/function-manifest';
import { unmetPrecondition, type Uses } from './preconditions.ts';

function manifest(name: string, rest: object = {}) {
  return parseFunctionManifest(
    JSON.stringify({ name, description: 'x', trigger: { type: 'request' }, ...rest }),
    name,
  );
}

const plain = manifest('thumbnailer');
const alone: Uses = { dependents: [], others: [], environments: [] };
const queued = manifest('thumbnailer', { trigger: { type: 'sqs' } });

describe('removing a function', () => {
  it('is possible if nothing depends on it and it has no queue', () => {
    expect(unmetPrecondition(plain, { ...alone, others: [manifest('other')] }, false)).toBeUndefined();
  });

  it('is possible despite the edge that every function has from infra', () => {
    expect(
      unmetPrecondition(plain, { ...alone, dependents: [{ project: 'infra', type: 'implicit' }] }, false),
    ).toBeUndefined();
  });

  it('is refused while a project depends on it', () => {
    const dependents = [
      { project: 'e2e', type: 'implicit' },
      { project: 'infra', type: 'implicit' },
      { project: 'bench', type: 'static' },
      { project: 'bench', type: 'dynamic' },
    ];
    expect(unmetPrecondition(plain, { ...alone, dependents }, true)).toBe(
      'thumbnailer cannot be removed: used by bench, e2e.',
    );
    const imported = { ...alone, dependents: [{ project: 'infra', type: 'static' }] };
    expect(unmetPrecondition(plain, imported, true)).toContain('used by infra');
  });

  it.each([
    ['gets the URL of its queue', { environment: { Q: '${queue.url:thumbnailer}' } }],
    ['gets the URL of its dead-letter queue', { environment: { Q: 'x${dead-letters.url:thumbnailer}' } }],
    ['may send to its queue', { access: [{ resource: 'queue', of: 'thumbnailer', may: ['send'] }] }],
  ])('is refused while another function %s', (_, rest) => {
    expect(unmetPrecondition(queued, { ...alone, others: [manifest('reconciler', rest)] }, true)).toBe(
      'thumbnailer cannot be removed: its queue is used in the function.json of reconciler.',
    );
  });

  it('is possible if another function uses a queue with a similar name', () => {
    const other = manifest('reconciler', { environment: { Q: '${queue.url:thumbnailer-two}' } });
    expect(unmetPrecondition(queued, { ...alone, others: [other] }, true)).toBeUndefined();
  });

  it('is refused while an environment has settings for it', () => {
    const environments = ['apps/infra/src/environments/dev.ts'];
    expect(unmetPrecondition(plain, { ...alone, environments }, true)).toBe(
      'thumbnailer cannot be removed: remove its settings from apps/infra/src/environments/dev.ts first.',
    );
  });

  it('requires --force if it has a queue', () => {
    expect(unmetPrecondition(queued, alone, false)).toMatch(/^thumbnailer has a queue, .* --force\.$/);
    expect(unmetPrecondition(queued, alone, true)).toBeUndefined();
  });
});
