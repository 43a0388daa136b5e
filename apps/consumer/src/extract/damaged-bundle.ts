/**
 * Why a bundle is set aside:
 *
 * - `manifest-missing`, `manifest-invalid`: nothing says what the bundle must contain
 * - `bundle-differs`: its bytes are not those of the manifest
 * - `not-a-bundle`: it cannot be decompressed, or is not a tar of regular files
 * - `members-differ`: it contains other files than the manifest lists
 * - `names-unsafe`: the manifest has a name that does not extract inside the target
 * - `format-unsupported`: this Node cannot decompress it
 */
export type DamageReason =
  | 'manifest-missing'
  | 'manifest-invalid'
  | 'bundle-differs'
  | 'not-a-bundle'
  | 'members-differ'
  | 'names-unsafe'
  | 'format-unsupported';

/** The bundle cannot be used. Another attempt with the same bytes fails in the same way. */
export class DamagedBundle extends Error {
  override readonly name = 'DamagedBundle';
  readonly reason: DamageReason;

  constructor(reason: DamageReason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.reason = reason;
  }
}

/**
 * Two downloads of one bundle are damaged, and differ from each other. So the connection changes bytes, and nothing is known about the
 * bundle: it is downloaded again later.
 */
export class DamagedInTransit extends Error {
  override readonly name = 'DamagedInTransit';
}
