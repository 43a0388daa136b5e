export { type BundlingHandler, createBundlingHandler } from './handler.ts';
export { settings } from './settings.ts';
