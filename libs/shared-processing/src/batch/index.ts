export {
  type BatchDependencies,
  type BatchResponse,
  handleBatch,
  type Message,
  type Refusal,
} from './batch.ts';
export { createDeadLetters, deadLetterVariables } from './dead-letters.ts';
