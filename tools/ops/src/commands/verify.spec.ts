import { exit } from '@data-aggregator/operations/errors';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { createOutput } from '../output.ts';
import { backfillWorld } from '../testing/backfill-world.ts';
import { verifyAll } from './verify.ts';

const refusal = (code: string) => new CallError('GET', { outcome: 'refused', code, status: 403 });
const lost = refusal('AccessDenied');
const frozen = refusal('InvalidObjectState');

/** Verifies the bundles in distribution; reading those with an error fails. Those without are damaged. */
async function verify(errors: (CallError | undefined)[], places: string[] = []) {
  const world = backfillWorld();
  for (const index of errors.keys()) await world.bundle([world.land(String(index))], 'with replica');
  const bundles = world.store.keys('distribution');
  const store: typeof world.store = {
    ...world.store,
    async get(request) {
      const error = errors[bundles.indexOf(request.key)];
      if (error) throw error;
      return world.store.get(request);
    },
  };
  const out: string[] = [];
  const output = createOutput(true, { out: (text) => void out.push(text), err: () => undefined });
  const connection = async () => ({ ...world.connection, store });
  const code = await verifyAll({ output, connection }, [...places, ...bundles], {});
  return { code, ...(JSON.parse(out.join('')) as object) };
}

describe('verify', () => {
  it('goes on after a bundle that it cannot read', async () => {
    await expect(verify([undefined, lost, undefined])).resolves.toMatchObject({
      code: exit.findings,
      verified: 2,
      bad: 2,
      unread: [{ place: expect.any(String), unread: lost.message }],
      bundles: [{}, {}],
    });
  });

  it('goes on after a key that is in neither bucket', async () => {
    await expect(verify([undefined], ['bundles/none'])).resolves.toMatchObject({
      code: exit.findings,
      unread: [{ place: 'bundles/none' }],
      bundles: [{}],
    });
  });

  it.each([
    ['only a bundle that is nowhere', [], ['bundles/none'], exit.findings],
    ['only a bundle that it cannot read', [lost], [], exit.failure],
    ['only a bundle in Glacier', [frozen], [], exit.later],
    ['one in Glacier, and one that it cannot read', [frozen, lost], [], exit.failure],
    ['one that it cannot read, and a damaged one', [lost, undefined], [], exit.findings],
    ['nothing', [], [], exit.success],
  ])('has an exit status for %s', async (_, errors, places, code) => {
    await expect(verify(errors, places)).resolves.toMatchObject({ code });
  });

  it('refuses a place that does not exist before it reads any bundle', async () => {
    await expect(verify([lost], ['no/such/folder'])).rejects.toMatchObject({ code: exit.usage });
  });
});
