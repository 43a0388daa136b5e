import { type BundleOutcome, comeBackAt } from './bundle-outcome.ts';

const restoring = (storageClass: 'GLACIER' | 'DEEP_ARCHIVE') =>
  ({ kind: 'restoring', storageClass }) as const;
const others: BundleOutcome[] = [{ kind: 'still-waiting' }, { kind: 'to-restore', storageClass: 'GLACIER' }];

describe('comeBackAt', () => {
  it.each([
    ['Bulk', [restoring('GLACIER')], 12],
    ['Bulk', [restoring('GLACIER'), restoring('DEEP_ARCHIVE'), restoring('GLACIER')], 48],
    ['Standard', [restoring('GLACIER'), ...others], 5],
    ['Standard', [restoring('DEEP_ARCHIVE'), restoring('GLACIER')], 12],
  ] as const)('is when the last restore of the tier %s is done', (tier, outcomes, hours) => {
    expect(comeBackAt(outcomes, tier, 1_000)).toBe(1_000 + hours * 3_600_000);
  });

  it('is undefined if nothing is being restored', () => {
    expect(comeBackAt(others, 'Bulk', 1_000)).toBeUndefined();
  });
});
