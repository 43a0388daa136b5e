export {
  createDeadLetters,
  deadLetterVariables,
  idempotencyTable,
  idempotencyVariables,
} from './environment.ts';
export { type BatchDependencies, handleBatch, type Refusal } from './handle-batch.ts';
export { createIdempotent, type IdempotentWork, type Invocation } from './idempotent-work.ts';
export { LedgerPersistenceLayer } from './persistence-layer.ts';
export type { BatchResponse, Message } from '../sqs/index.ts';
