export {
  type ArchivedBundle,
  type ArchiveDependencies,
  type BundleRange,
  bundlesBetween,
  type Section,
  sectionsOf,
  type TimeRange,
} from './bundles-between.ts';
export { bundlesContaining, type ContainingBundle } from './bundles-containing.ts';
export { decompressor } from './decompressor.ts';
export { readManifest } from './read-manifest.ts';
export { readReceipt, receiptsBetween, type StoredReceipt } from './receipts.ts';
