/** Something the user can put right. The message is one sentence; it is shown without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
