export {
  createQueueSender,
  inBatches,
  type OutgoingMessage,
  type QueueSender,
  type SendBatch,
} from './queue-sender.ts';
export { createSendBatch } from './send-batch.ts';
export {
  batchesOf,
  type ChangeVisibilityBatch,
  createChangeVisibilityBatch,
  createVisibilityTimer,
  type VisibilityChange,
  type VisibilityTimer,
} from './change-visibility.ts';
export {
  type BatchResponse,
  batchResponse,
  deadLetter,
  type DeadLetterContent,
  fitsMessage,
  type Message,
} from './message.ts';
