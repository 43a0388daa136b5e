/** Input that cannot be worked with, or a run that cannot go on. The message is one sentence for a person. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
