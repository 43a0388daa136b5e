import { type BundlingHandler, createBundlingHandler } from '@data-aggregator/bundling/function';

export const handler: BundlingHandler = createBundlingHandler('large-objects', process.env);
