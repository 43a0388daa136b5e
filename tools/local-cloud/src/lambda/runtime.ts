/*
 * What it takes to run a function as it runs here, for those who bring the rest themselves.
 */
export { nodeFlags } from './environment.ts';
export { nativeClient } from './environment.ts';
export { startRuntimeApi } from './runtime-api.ts';
