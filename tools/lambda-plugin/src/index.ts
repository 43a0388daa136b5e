/** The Nx plugin named in nx.json. It finds every `apps/<function>/function.json` and infers its targets. */
export { createDependencies } from './graph/infra-edges.ts';
export { createNodesV2 } from './graph/function-nodes.ts';
export { preTasksExecution } from './deploy/before-tasks.ts';

export const name = '@data-aggregator/lambda-plugin';
