export {
  containsObject,
  MANIFEST_PREFIX,
  ManifestError,
  manifestKey,
  manifestText,
  parseManifest,
  serializeManifest,
} from './manifest.ts';
export { type BundleFormat, bundleFormats, type Manifest, type ManifestMember } from './types.ts';
