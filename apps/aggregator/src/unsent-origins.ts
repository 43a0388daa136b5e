/** Origins of the messages that SQS has not taken. */
export function unsentOrigins(
  messages: readonly { origin: string }[],
  sent: readonly boolean[],
): Set<string> {
  return new Set(messages.filter((_, index) => sent[index] !== true).map(({ origin }) => origin));
}
