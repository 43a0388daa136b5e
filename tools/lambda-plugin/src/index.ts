/** The Nx plugin that nx.json names: it finds every `apps/<function>/function.json` and says what can be done with it. */
export { createDependencies } from './graph/infra-edges.ts';
export { createNodesV2 } from './graph/function-nodes.ts';
export { preTasksExecution } from './deploy/before-tasks.ts';

export const name = '@data-aggregator/lambda-plugin';
