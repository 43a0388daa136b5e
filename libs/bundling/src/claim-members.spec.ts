import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { claimId } from '@data-aggregator/shared-processing/ledger';
import { claimMembers } from './claim-members.ts';
import { harness } from './testing/harness.ts';
import { candidate } from './testing/landed.ts';

const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
const refused = new CallError('a call', {
  outcome: 'refused',
  code: 'ResourceNotFoundException',
  status: 400,
});

/** Claims many objects for one bundle, of which the first one's claim fails. */
function claimAll(error: CallError) {
  const candidates = Array.from({ length: 100 }, (_, i) => candidate(`${i}`, 1));
  const [first] = candidates.map(({ id }) => claimId(id));
  const h = harness({
    table: (table) => ({
      ...table,
      put: (item, condition) => (item.id === first ? Promise.reject(error) : table.put(item, condition)),
    }),
  });
  const claim = {
    bundle: 'bundles/K',
    until: h.clock.now() + 90_000,
    expires: h.clock.now() / 1000 + 86_400,
  };
  return { h, candidates, claimed: claimMembers(candidates, claim, h.dependencies()) };
}

describe('claimMembers', () => {
  it('leaves out an object whose claim has an unknown result, and claims the others', async () => {
    const { candidates, claimed } = claimAll(lost);
    const [unknown, ...others] = candidates;
    await expect(claimed).resolves.toEqual({
      claimed: others,
      outcomes: new Map([[unknown, { kind: 'retry', why: 'claim-unknown', detail: String(lost) }]]),
    });
  });

  it('throws as soon as the ledger refuses a claim, and claims no more', async () => {
    const { h, candidates, claimed } = claimAll(refused);
    await expect(claimed).rejects.toThrow(SystemFault);
    expect(h.items.items.size).toBeLessThan(candidates.length / 2);
  });
});
