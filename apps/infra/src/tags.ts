import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type Component, COMPONENT_TAG, ENVIRONMENT_TAG, PROJECT_TAG, RESOURCE_TAG } from './tag-keys.ts';
import type { Environment } from './environments/environment.ts';

/** The cost allocation tags that everything in a stack carries. */
export function tagStack(stack: IConstruct, environment: Environment, component: Component): void {
  const tags = Tags.of(stack);
  tags.add(PROJECT_TAG, 'data-aggregator');
  tags.add(ENVIRONMENT_TAG, environment.name);
  tags.add(COMPONENT_TAG, component);
  for (const [key, value] of Object.entries(environment.tags)) tags.add(key, value);
}

/** Gives a resource its logical name, by which tools find it in the templates. */
export function tagResource<T extends IConstruct>(resource: T, name: string): T {
  Tags.of(resource).add(RESOURCE_TAG, name);
  return resource;
}
