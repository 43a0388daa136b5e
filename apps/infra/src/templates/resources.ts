import { readFileSync } from 'node:fs';
import { RESOURCE_TAG } from '../conventions/tags.ts';
import type { Environment } from '../environments/environment.ts';

/** A resource of a synthesised template. */
export interface Resource {
  /** Construct path of the stack. */
  stack: string;
  template: string;
  logicalId: string;
  type: string;
  properties: Readonly<Record<string, unknown>>;
}

/** All resources of an environment's templates, with its settings. */
export interface Templates {
  environment: Environment;
  resources: readonly Resource[];
}

/** Reads all resources of a template file. */
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

/** The resources of a type, such as `AWS::SQS::Queue`. */
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

/** The items of the list at a path; empty if there is no list. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The number at a path. NaN if there is none, so that every comparison fails. */
export function numberAt(value: unknown, ...path: (string | number)[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : Number.NaN;
}

/** The value of a resource's tag; empty if it has none. Most types have a list of tags, a few have a map. */
export function tagOf({ properties }: Resource, key: string): string {
  const listed = listAt(properties, 'Tags').find((tag) => at(tag, 'Key') === key);
  return String(at(listed, 'Value') ?? at(properties, 'Tags', key) ?? '');
}

/** The resource of a type whose `data-aggregator:resource` tag has this value; undefined if the templates have none. */
export function findResource(templates: Templates, type: string, name: string): Resource | undefined {
  return ofType(templates, type).find((resource) => tagOf(resource, RESOURCE_TAG) === name);
}

/** The same. @throws if the templates have none */
export function resourceNamed(templates: Templates, type: string, name: string): Resource {
  const found = findResource(templates, type, name);
  if (found === undefined) throw new Error(`The templates have no ${type} named "${name}".`);
  return found;
}
