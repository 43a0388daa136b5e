export { type BatchDependencies, handleBatch, type Refusal } from './batch.ts';
export type { BatchResponse, Message } from '../sqs/index.ts';
export { createDeadLetters, deadLetterVariables } from './dead-letters.ts';
