export {
  createQueueSender,
  inBatches,
  type OutgoingMessage,
  type QueueSender,
  type SendBatch,
} from './queue-sender.ts';
export { createSendBatch, createSqsClient } from './sdk-send-batch.ts';
export { createSignedSendBatch } from './signed-send-batch.ts';
