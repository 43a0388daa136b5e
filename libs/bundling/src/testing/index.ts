export { store as storeCodec } from '../bundle/index.ts';
export { harness } from './harness.ts';
export { recordOf } from './landed.ts';
