import { bundleKeyOf } from '@data-aggregator/shared-processing/bundle-key';
import { ManifestError } from '@data-aggregator/shared-processing/manifest';
import type { FindManifest } from './manifests.ts';
import type { BundleSource } from './sources.ts';
import { verifyBundle } from './verify-bundle.ts';

/** The result of verifying one bundle. */
export interface Verdict {
  place: string;
  /** Number of files according to its manifest. */
  files: number;
  /** Empty if the bundle is intact. */
  problems: string[];
}

/** Verifies a bundle. @throws CallError, OpsError if it cannot be read */
export async function verify({ place, open }: BundleSource, findManifest: FindManifest): Promise<Verdict> {
  const key = bundleKeyOf(place);
  const fail = (problem: string) => ({ place, files: 0, problems: [problem] });
  if (key === undefined) return fail('its name is not a bundle name, so its manifest cannot be found');
  try {
    const manifest = await findManifest(key);
    if (!manifest) return fail(`there is no manifest for ${key}`);
    return { place, files: manifest.members.length, problems: await verifyBundle(open, manifest) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return fail(error.message);
  }
}
