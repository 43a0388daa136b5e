/**
 * One step of the protocol, at the moment at which it takes effect: when a service or the disk performs a call, whether or not its caller
 * ever sees the response. `object` is an object version's id in the ledger, `bundle` a bundle's key.
 */
export type Action =
  /** The external party has uploaded an object version. */
  | { kind: 'landed'; object: string; key: string }
  /** S3 has sent a notification about object versions, possibly not the first. */
  | { kind: 'notified'; objects: readonly string[] }
  | { kind: 'received'; queue: QueueName; messages: readonly string[]; objects: readonly string[] }
  /** A claim was written where there was none, or only a released one. */
  | { kind: 'claimed'; object: string; bundle: string; until: number }
  /** A claim for another bundle, `from`, was replaced. */
  | { kind: 'takenOver'; object: string; bundle: string; until: number; from: string }
  | { kind: 'released'; object: string; bundle: string }
  | { kind: 'uploadStarted'; bundle: string; upload: string }
  | { kind: 'uploadRecorded'; bundle: string; upload: string }
  | { kind: 'uploadAborted'; bundle: string; upload: string }
  | { kind: 'manifestStored'; bundle: string; objects: readonly string[] }
  /** The bundle is visible: by its PUT, or by the completion of its upload. */
  | { kind: 'published'; bundle: string; upload?: string | undefined }
  | { kind: 'recorded'; bundle: string; objects: readonly string[] }
  | { kind: 'gaveUp'; bundle: string }
  /** Sent as a new message, to the queue it came from or to the one for large objects, by a function or by the reconciler. */
  | { kind: 'requeued'; queue: QueueName; objects: readonly string[] }
  /** SQS accepted a dead letter. */
  | { kind: 'quarantined'; objects: readonly string[]; reason: string }
  | { kind: 'quarantineMarked'; object: string; reason: string }
  | { kind: 'quarantineUnmarked'; object: string }
  /** The operator's command has sent a dead letter to the queue again and removed it. */
  | { kind: 'redriven'; objects: readonly string[] }
  /** The record of a dropped case was stored. */
  | { kind: 'dropRecorded'; objects: readonly string[] }
  /** The operator's command has dropped a case: record, marks, and the removal of its dead letters. */
  | { kind: 'dropped'; objects: readonly string[] }
  /** Bundle `from` is visible again, as `bundle`. */
  | { kind: 'replayed'; bundle: string; from: string }
  /** The files of a bundle are extracted, verified and synced on the consumer's disk, and the plan says where each goes. */
  | { kind: 'planned'; bundle: string }
  /** The consumer's files of a bundle have appeared in the target folder; one by one in a tree. */
  | { kind: 'renamed'; bundle: string }
  /** The bundle's receipt was stored. */
  | { kind: 'receipt'; bundle: string; where: 'disk' | 'archive' }
  /** A bundle was deleted from the distribution bucket, by a delete marker. */
  | { kind: 'deleted'; bundle: string }
  | {
      kind: 'acknowledged';
      queue: QueueName;
      messages: readonly string[];
      objects: readonly string[];
    }
  /** The actor's process is gone: it sends nothing any more, but what it has sent may still take effect. */
  | { kind: 'died' };

export type QueueName = 'queue' | 'large-objects' | 'dead-letters' | 'ready';

/** An action with its time in the world's clock, ms since the epoch, and who called for it. */
export type ActionEvent = Action & { at: number; actor: string };

export type OnAction = (event: ActionEvent) => void;
