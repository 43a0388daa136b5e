/*
 * The steps of an end-to-end run, for an account and for the embedded cloud:
 *
 *   upload → wait until processed (embedded cloud only) → let the consumer put the files on disk → checkDelivery
 */
export { checkedInbox, consumeOnce, consumerEnvironment, receiptsIn, spawnConsumer } from './consume.ts';
export { type DeadMessage, type Quarantined, quarantinedObjects } from './dead-letters.ts';
export { type Progress, showProgress } from './progress.ts';
export { Failure, type Parsed, parseCommandLine, runProgram, wholeNumber } from './program.ts';
export { type Consumer, pull, type PulledBundle } from './pull.ts';
export { intakeOf, watchQueues } from './queues.ts';
export { receive } from './receive.ts';
export {
  bucketOf,
  connect,
  consumerOf,
  consumerRole,
  DEAD_LETTERS,
  landingOf,
  type Services,
  textOf,
} from './services.ts';
export { createTally } from './tally.ts';
export {
  type Landing,
  objectOf,
  type OutgoingObject,
  type SentObject,
  type SourceFile,
  upload,
} from './upload.ts';
export { type CheckedBundle, type CheckedMember } from './verify/bundle.ts';
export { checkDelivery, type Delivery } from './verify/delivery.ts';
export { findTar } from './verify/extract.ts';
export { measureFile } from './verify/measure-file.ts';
export { type TarEntry, tarEntries } from './verify/tar-entries.ts';
