/** Waits, without time passing between two looks, until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
