import { loadFunctions } from '@data-aggregator/function-manifest';
import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { WORKSPACE_ROOT } from '../app/functions.ts';

// function.json is data and cannot import the module that defines the prefixes, so it repeats them.
describe('the prefixes in function.json', () => {
  it.each([
    ['aggregator', { distribution: [BUNDLE_PREFIX], archive: [MANIFEST_PREFIX] }],
    ['reconciler', { distribution: [BUNDLE_PREFIX], archive: [MANIFEST_PREFIX] }],
    ['replayer', { distribution: [REPLAY_PREFIX], archive: [BUNDLE_PREFIX] }],
  ])('of the %s equal those defined in shared-processing', (name, expected) => {
    const manifest = loadFunctions(WORKSPACE_ROOT).find((it) => it.manifest.name === name)?.manifest;
    const prefixes = (resource: string) =>
      manifest?.access.flatMap((access) =>
        access.resource === resource && 'prefix' in access && access.prefix !== undefined
          ? [access.prefix]
          : [],
      );
    expect({ distribution: prefixes('distribution'), archive: prefixes('archive') }).toEqual(expected);
  });
});
