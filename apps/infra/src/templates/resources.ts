import { readFileSync } from 'node:fs';
import type { Environment } from '../environments/environment.ts';

/** A resource as its stack's template has it. */
export interface Resource {
  /** Construct path of the stack. */
  stack: string;
  template: string;
  logicalId: string;
  type: string;
  properties: Readonly<Record<string, unknown>>;
}

/** Everything an environment's templates say. */
export interface Templates {
  environment: Environment;
  resources: readonly Resource[];
}

/** Every resource of a template. */
export function readTemplate(stack: string, file: string): Resource[] {
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  };
  return Object.entries(template.Resources ?? {}).map(([logicalId, { Type, Properties }]) => ({
    stack,
    template: file,
    logicalId,
    type: Type,
    properties: Properties ?? {},
  }));
}

export function ofType({ resources }: Templates, type: string): Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/** The value at a path of a template, such as `at(properties, 'RedrivePolicy', 'maxReceiveCount')`. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** The objects of a list at a path; none where there is no list. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A number at a path; NaN, which no comparison accepts, where there is none. */
export function numberAt(value: unknown, ...path: (string | number)[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : Number.NaN;
}

/** The value of a resource's tag; empty where it has none. Most types have a list of tags, and a few a map. */
export function tagOf({ properties }: Resource, key: string): string {
  const listed = listAt(properties, 'Tags').find((tag) => at(tag, 'Key') === key);
  return String(at(listed, 'Value') ?? at(properties, 'Tags', key) ?? '');
}
