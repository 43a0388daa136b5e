export { type Endpoint, sdkEndpoint } from './sdk-endpoint.ts';
export { createJsonService, type JsonResponse } from './json-service.ts';
export { readBody } from './response-body.ts';
export { clientAccess, environmentAccess, type ServiceAccess } from './service-access.ts';
export { Sha256 } from './sha256.ts';
export { createSharedReads, type SharedReads, type SharedReadSetting } from './shared-reads.ts';
export { createSignedCaller, percentEncode, type SignedCall, type SignedCaller } from './signed-caller.ts';
export { createSigner } from './signer.ts';
export { createTransport, type HttpResponse } from './transport.ts';
