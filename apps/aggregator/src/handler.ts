import { type BundlingHandler, createBundlingHandler } from '@data-aggregator/bundling/function';

export const handler: BundlingHandler = createBundlingHandler('aggregator', process.env);
