import { writeFile } from 'node:fs/promises';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { type Consumer, pull, type PulledBundle } from './pull.ts';
import { type CheckedBundle, checkBundle, type CheckBundleOptions } from './verify/bundle.ts';

export interface ReceiveOptions extends CheckBundleOptions {
  /** Receives one file per bundle. */
  folder: string;
  signal: AbortSignal;
  /** Whether to store each manifest next to its bundle, as `<bundle>.manifest.json`. */
  keepManifests?: boolean;
  onPulled?: (bundle: PulledBundle) => void;
}

/**
 * Pulls all waiting bundles, then compares each with its manifest in the archive.
 *
 * @param archived returns the text of an object in the archive
 * @throws Failure if a file cannot be written; the signal's reason
 */
export async function receive(
  consumer: Consumer,
  archived: (key: string) => Promise<string | undefined>,
  { folder, signal, keepManifests = false, onPulled, ...check }: ReceiveOptions,
): Promise<CheckedBundle[]> {
  const checked: CheckedBundle[] = [];
  for (const bundle of await pull(consumer, folder, { signal, ...(onPulled && { onPulled }) })) {
    signal.throwIfAborted();
    const manifest = await archived(manifestKey(bundle.key));
    if (keepManifests && manifest !== undefined) await writeFile(`${bundle.file}.manifest.json`, manifest);
    checked.push(await checkBundle(bundle, manifest, check));
  }
  return checked;
}
