/* The parts for running a function as the local cloud does, for programs that provide the rest themselves. */
export { nodeFlags } from './environment.ts';
export { nativeClient } from './environment.ts';
export { startRuntimeApi } from './runtime-api.ts';
