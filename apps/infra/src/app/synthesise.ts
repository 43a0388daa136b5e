import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { AssetManifestArtifact, type CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Environment } from '../environments/environment.ts';
import { rulesPlugin } from '../rules/plugin.ts';
import { buildApp } from './build-app.ts';

/**
 * Writes an environment's cloud assembly into a folder.
 *
 * @param workspaceRoot absolute folder whose `apps/` contains the functions
 * @throws Error if a template violates a rule of cdk-nag or one of src/rules
 */
export function synthesise(environment: Environment, workspaceRoot: string, outdir: string): CloudAssembly {
  return prune(check(buildApp(environment, workspaceRoot, { outdir }), environment).synth());
}

/** Makes the synthesis of an app fail if it violates a rule of cdk-nag or one of src/rules. */
export function check(app: App, environment: Environment): App {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), rulesPlugin(environment));
  return app;
}

/** Removes the artifacts of earlier syntheses from an assembly, so that it depends on its inputs only. */
function prune(assembly: CloudAssembly): CloudAssembly {
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
