import { bundleKey } from './bundle-key.ts';

describe('bundleKey', () => {
  it('sorts by time and tells the hour', () => {
    const key = bundleKey(Date.UTC(2026, 10, 22, 9, 8, 7, 654), '0123456789abcdef', '.tar.gz');
    expect(key).toBe('bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz');
  });
});
