import type { FunctionManifest } from '@data-aggregator/function-manifest';
import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Component } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';

/** The tags by which resources, and their costs, are told apart. */
export const PROJECT_TAG = 'data-aggregator:project';
export const ENVIRONMENT_TAG = 'data-aggregator:environment';
export const COMPONENT_TAG = 'data-aggregator:component';
/** The resource's logical name, such as `landing` or `aggregator.dead-letters`. */
export const RESOURCE_TAG = 'data-aggregator:resource';

/** Tools and budgets find things by our own tags: no other of the same key gets in their place. */
const OURS = { priority: 300 };

/** The cost allocation tags that everything in a stack carries. */
export function tagStack(stack: IConstruct, environment: Environment, component: Component): void {
  const tags = Tags.of(stack);
  tags.add(PROJECT_TAG, 'data-aggregator', OURS);
  tags.add(ENVIRONMENT_TAG, environment.name, OURS);
  tags.add(COMPONENT_TAG, component, OURS);
  for (const [key, value] of Object.entries(environment.tags)) tags.add(key, value);
}

/** The tags of a function's manifest, for what is there for the function alone: its stack, or one of its queues. */
export function tagAsFunction(belonging: IConstruct, { tags }: FunctionManifest): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(belonging).add(key, value);
}

/** Gives a resource its logical name, by which tools find it in the templates. */
export function tagResource<T extends IConstruct>(resource: T, name: string): T {
  Tags.of(resource).add(RESOURCE_TAG, name, OURS);
  return resource;
}
