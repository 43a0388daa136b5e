export { connect, type Connection } from './connect.ts';
export { findResources, functionName, type Resources } from './resources.ts';
export { pointAt, type TargetOptions } from './target.ts';
