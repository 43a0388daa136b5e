import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Environment } from './environments/environment.ts';

export const PROJECT_TAG = 'data-aggregator:project';
export const ENVIRONMENT_TAG = 'data-aggregator:environment';
export const COMPONENT_TAG = 'data-aggregator:component';
/** The resource's logical name, such as `landing` or `aggregator.dead-letters`. */
export const RESOURCE_TAG = 'data-aggregator:resource';

export type Component = 'network' | 'stateful' | 'application' | 'observability';

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
