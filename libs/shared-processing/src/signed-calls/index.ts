export { addressOf, type ServiceAddress } from './address.ts';
export { textOf } from './answer.ts';
export { escaped } from './escape.ts';
export { createJsonService, type JsonAnswer } from './json-service.ts';
export { serviceAddress } from './service-address.ts';
export { Sha256 } from './sha256.ts';
export { createSignedCaller, type SignedCall } from './signed-caller.ts';
export { createTransport, type HttpAnswer } from './transport.ts';
export { createSharedReads, type SharedReads, type SharedReadSetting } from './shared-reads.ts';
