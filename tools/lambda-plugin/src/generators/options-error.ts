/** Options that cannot be met. The message is one sentence for whoever gave them. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}
