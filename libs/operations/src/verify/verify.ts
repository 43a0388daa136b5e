import { bundleKeyOf, groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import { groupName, UNGROUPED } from '@data-aggregator/shared-processing/groups';
import { type Manifest, ManifestError } from '@data-aggregator/shared-processing/manifest';
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
    const problems = [...groupProblems(key, manifest), ...(await verifyBundle(open, manifest))];
    return { place, files: manifest.members.length, problems };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return fail(error.message);
  }
}

/** The key and the manifest must name the same group. */
function groupProblems(key: string, { bundle }: Manifest): string[] {
  const inKey = groupOfBundle(key);
  const inManifest = bundle.group === undefined ? undefined : groupName(bundle.group);
  if (inKey === inManifest || (inKey === UNGROUPED && inManifest === undefined)) return [];
  return [`its group is ${inKey ?? 'none'}; the manifest says ${inManifest ?? 'none'}`];
}
