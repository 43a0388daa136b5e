export { type BundlingHandler, createBundlingHandler } from './handler.ts';
