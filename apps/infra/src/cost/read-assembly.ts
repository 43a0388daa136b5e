import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { readTemplate, type Resource } from '../templates/resources.ts';
import { ASSEMBLIES } from '../app/build-app.ts';

/**
 * Reads all resources of an environment's synthesised templates.
 *
 * @throws UserError if the environment was not synthesised
 */
export function readAssembly(environment: string, folder = join(ASSEMBLIES, environment)): Resource[] {
  if (!existsSync(folder)) {
    throw new UserError(
      `${environment} has no templates yet. Run "npx nx run infra:synth --configuration=${environment}" first.`,
    );
  }
  return readdirSync(folder)
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => readTemplate(file.replace(/\.template\.json$/, ''), join(folder, file)));
}
