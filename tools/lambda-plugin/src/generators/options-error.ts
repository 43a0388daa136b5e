/** Invalid options of a generator. The message is one sentence for the user. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}
