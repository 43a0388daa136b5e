/** An alarm, a metric filter or a part of one that the local cloud does not know, or that makes no sense. */
export class AlarmError extends Error {
  override readonly name = 'AlarmError';
}
