import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssetManifestArtifact, type CloudAssembly } from 'aws-cdk-lib/cx-api';

/** Removes artifacts of earlier syntheses from an assembly's folder, so that it depends on its inputs only. */
export function prune(assembly: CloudAssembly): CloudAssembly {
  const used = new Set(
    assembly.artifacts
      .filter((artifact) => AssetManifestArtifact.isAssetManifestArtifact(artifact))
      .flatMap(({ contents }) => Object.values(contents.files ?? {}))
      .map(({ source }) => source.path),
  );
  for (const entry of readdirSync(assembly.directory)) {
    if (entry.startsWith('asset.') && !used.has(entry)) {
      rmSync(join(assembly.directory, entry), { recursive: true });
    }
  }
  return assembly;
}
