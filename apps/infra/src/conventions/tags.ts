import type { FunctionManifest } from '@data-aggregator/function-manifest';
import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Component } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';

/** The tags that identify resources and allocate their costs. */
export const PROJECT_TAG = 'data-aggregator:project';
export const ENVIRONMENT_TAG = 'data-aggregator:environment';
export const COMPONENT_TAG = 'data-aggregator:component';
/** The resource's logical name, such as `landing` or `aggregator.dead-letters`. */
export const RESOURCE_TAG = 'data-aggregator:resource';

/** Tools and budgets find resources by our tags, so no other tag may override them. */
const OURS = { priority: 300 };

/** Adds the cost allocation tags to all resources of a stack. */
export function tagStack(stack: IConstruct, environment: Environment, component: Component): void {
  const tags = Tags.of(stack);
  tags.add(PROJECT_TAG, 'data-aggregator', OURS);
  tags.add(ENVIRONMENT_TAG, environment.name, OURS);
  tags.add(COMPONENT_TAG, component, OURS);
  for (const [key, value] of Object.entries(environment.tags)) tags.add(key, value);
}

/** Adds the tags of a function's manifest to a construct that belongs to the function alone: its stack or one of its queues. */
export function tagAsFunction(construct: IConstruct, { tags }: FunctionManifest): void {
  for (const [key, value] of Object.entries(tags)) Tags.of(construct).add(key, value);
}

/** Tags a resource with its logical name, by which tools find it in the templates. */
export function tagResource<T extends IConstruct>(resource: T, name: string): T {
  Tags.of(resource).add(RESOURCE_TAG, name, OURS);
  return resource;
}
