import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';

const template = v.looseObject({
  Description: v.optional(v.string()),
  Parameters: v.optional(v.record(v.string(), v.looseObject({ Default: v.optional(v.unknown()) })), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Outputs: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        Value: v.unknown(),
        Description: v.optional(v.string()),
        Condition: v.optional(v.string()),
        Export: v.optional(v.looseObject({ Name: v.unknown() })),
      }),
    ),
    {},
  ),
  Resources: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        Type: v.string(),
        Condition: v.optional(v.string()),
        Properties: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
    {},
  ),
});

const manifest = v.object({
  artifacts: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        type: v.string(),
        properties: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
    {},
  ),
});

const assetManifest = v.object({
  files: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        source: v.looseObject({ path: v.optional(v.string()), packaging: v.optional(v.string()) }),
      }),
    ),
    {},
  ),
});

/** The parts of a CloudFormation template that the local cloud reads. */
export type Template = v.InferOutput<typeof template>;

/** One stack of a cloud assembly: its template, and the location of its assets (asset hash → folder or file). */
export interface Stack {
  readonly name: string;
  readonly template: Template;
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * The assembly cannot be read (missing folder, unexpected file content), or contains something unsupported or
 * contradictory.
 */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

function readJson<const S extends v.GenericSchema>(file: string, schema: S): v.InferOutput<S> {
  if (!existsSync(file))
    throw new AssemblyError(`${file} does not exist; synthesise the infrastructure first`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AssemblyError(`${file} is not JSON`, { cause });
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new AssemblyError(`${file}: ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`);
  }
  return parsed.output;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function readAssets(file: string, folder: string): [string, string][] {
  return Object.entries(readJson(file, assetManifest).files).flatMap(([hash, { source }]) =>
    source.path === undefined ? [] : [[hash, resolve(folder, source.path)] as [string, string]],
  );
}

/**
 * Reads a cloud assembly written by `cdk synth`: all stacks with templates and assets, including those of nested
 * assemblies (stages).
 *
 * @param folder contains `manifest.json`
 * @param transformTemplate replaces each template before it is interpreted
 * @throws AssemblyError
 */
export function readCloudAssembly(
  folder: string,
  transformTemplate: (template: Template, stackName: string) => Template = (unchanged) => unchanged,
): Stack[] {
  const { artifacts } = readJson(join(folder, 'manifest.json'), manifest);
  const assets = new Map<string, string>();
  for (const { type, properties } of Object.values(artifacts)) {
    const file = text(properties['file']);
    if (type === 'cdk:asset-manifest' && file !== undefined) {
      for (const [hash, path] of readAssets(join(folder, file), folder)) assets.set(hash, path);
    }
  }
  return Object.entries(artifacts).flatMap(([id, { type, properties }]): Stack[] => {
    if (type === 'cdk:cloud-assembly') {
      const nested = text(properties['directoryName']);
      return nested === undefined ? [] : readCloudAssembly(join(folder, nested), transformTemplate);
    }
    const file = text(properties['templateFile']);
    if (type !== 'aws:cloudformation:stack' || file === undefined) return [];
    const name = text(properties['stackName']) ?? id;
    return [{ name, assets, template: transformTemplate(readJson(join(folder, file), template), name) }];
  });
}
