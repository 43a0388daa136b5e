export {
  checksumDifference,
  containsObject,
  MANIFEST_PREFIX,
  ManifestError,
  manifestKey,
  parseManifest,
  serializeManifest,
} from './manifest.ts';
export {
  type BundleFormat,
  bundleFormats,
  type Checksums,
  type Manifest,
  type ManifestMember,
} from './types.ts';
