/** An alarm, metric filter or part of one is invalid or not supported by the local cloud. */
export class AlarmError extends Error {
  override readonly name = 'AlarmError';
}
