export { createSignedCaller, type HttpAnswer, type SignedCall, type SignedCaller } from './signed-caller.ts';
export { refusal, textOf } from './answer.ts';
export { addressOf, type ServiceAddress } from './address.ts';
