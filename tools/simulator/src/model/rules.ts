/**
 * The rules of the protocol. docs/protocol.md has the same table; `docs.spec.ts` compares them.
 */
export const RULES = {
  'known-object': 'Every object version has landed before anything else happens to it.',
  'landed-once': 'An object version lands once.',
  alive: 'A process that is gone neither receives nor acknowledges.',
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
  'delivered-once': 'At most one published bundle has an object version among its members.',
  'record-true': 'A bundle record lists the members of a published bundle.',
  'acknowledged-settled':
    'A message is acknowledged only if each of its object versions is delivered, or was sent on by the same process.',
  'mark-true': 'A quarantine mark follows a dead letter, or the record of a dropped one.',
  'letter-first': 'Only what is in the dead letters is redriven or dropped.',
  'replay-published': 'Only a published bundle is delivered again.',
  'download-published': 'A consumer downloads only published bundles.',
  'commit-once': 'The archive has one receipt for each bundle: the commit.',
  'commit-downloaded': 'A receipt is stored only for a bundle that was downloaded.',
  'commit-before-files': "A bundle's files appear in the target folder only after the commit.",
  'files-before-receipt': "The disk has a bundle's receipt only after its files.",
  'receipts-before-delete': 'A bundle is deleted only after both receipts.',
  'nothing-lost': 'In the end, every object version is delivered, or has a dead letter.',
  'nothing-left': 'In the end, every published bundle has both receipts.',
} as const;

export type Rule = keyof typeof RULES;

/** An action that the protocol does not allow. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: Rule;

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}
