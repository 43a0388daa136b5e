export { createOnce, type Invocation, type Once, type OnceSettings } from './once.ts';
export { type OnceConfig, onceTable, onceVariables } from './wiring.ts';
