/** Conditions under which actions may take effect. docs/protocol.md has the same table. */
export const GUARDS = {
  'known-object': 'Every object version has landed before anything else happens to it.',
  'landed-once': 'An object version lands once.',
  alive: 'A function that is gone neither receives nor acknowledges.',
  'claim-free': 'A claim is put only where there is none.',
  'claim-unchanged': 'A takeover replaces the claim that was read, and no other.',
  'claim-expired': 'A claim for a bundle that is not published is taken over only after it has expired.',
  'claim-spent': 'An object version that its bundle has delivered is never claimed again.',
  'upload-ended': 'Before a claim is taken over, the recorded upload of its bundle is aborted or completed.',
  'one-builder': 'A bundle key belongs to one process.',
  'own-release':
    'A process releases only its own claims, and only of objects that its bundle does not deliver.',
  'upload-recorded': 'An upload is completed only after it was recorded.',
  'upload-open': 'An upload that was aborted is never completed.',
  'manifest-first': 'A bundle is published only after its manifest, which is not empty, was stored.',
  'manifest-fixed': 'The manifest of a published bundle never changes.',
  'published-once': 'A bundle key becomes visible once.',
  'members-claimed': 'When a bundle becomes visible, the claims of all its members name it.',
  'record-true': 'A bundle record lists the members of a published bundle.',
  'acknowledged-settled':
    'A message is acknowledged only if each of its object versions is delivered, was sent on by the same process, or is in another message that it gives back.',
  'mark-true': 'A quarantine mark follows a dead letter.',
  'letter-first': 'Only what has a dead letter is redriven or dropped.',
  'command-done': 'A redrive has sent the object versions of its case, and a drop has recorded them.',
  'letter-kept':
    'A dead letter is removed only if the same process has sent its object versions to a queue, or has recorded them as dropped and marked them.',
  'replay-published': 'Only a published bundle is delivered again.',
  'replay-taken': 'A bundle is delivered again only after a consumer has deleted it.',
  'plan-published': 'A consumer has verified files only of published bundles.',
  'commit-once': 'The archive has one receipt for each bundle: the commit.',
  'plan-before-commit':
    'A consumer commits a bundle only after its own files are verified and its plan is on disk.',
  'commit-before-files':
    "A bundle's files appear only in the target folder of the consumer that has committed it.",
  'files-before-receipt': "The disk has a bundle's receipt only after its files.",
  'receipts-before-delete': 'A bundle is deleted only after both receipts.',
} as const;

/** What the guards make true after every action, or once nothing happens any more. docs/protocol.md has the same table. */
export const INVARIANTS = {
  'delivered-once': 'At most one published bundle has an object version among its members.',
  'delivered-claim': 'The claim of a delivered object version names its bundle.',
  'published-explained':
    'Every published bundle has a manifest with at least one member, and all of them have landed.',
  'files-committed': 'Files in a target folder belong to a bundle that a consumer has committed.',
  'deleted-received': 'A deleted bundle has a receipt in the archive and one on disk.',
  'nothing-lost': 'In the end, every object version is delivered, or has a dead letter.',
  'nothing-left': 'In the end, every published bundle has a receipt in the archive and one on disk.',
} as const;

export type Guard = keyof typeof GUARDS;
export type Invariant = keyof typeof INVARIANTS;
export type Rule = Guard | Invariant;

/** An action that the protocol does not allow. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: Rule;

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}
