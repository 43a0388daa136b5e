/** The tags by which resources, and their costs, are told apart. */
export const PROJECT_TAG = 'data-aggregator:project';
export const ENVIRONMENT_TAG = 'data-aggregator:environment';
export const COMPONENT_TAG = 'data-aggregator:component';
/** The resource's logical name, such as `landing` or `aggregator.dead-letters`. */
export const RESOURCE_TAG = 'data-aggregator:resource';

export type Component = 'network' | 'stateful' | 'application' | 'observability';
