export { store as storeCodec } from '../bundle/index.ts';
export { harness } from './harness.ts';
export { recordOf } from './record.ts';
export { sha256 } from './sha256.ts';
