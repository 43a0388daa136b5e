export { type FindManifest, manifestsInArchive, manifestsInFolder } from './manifests.ts';
export { type BundleSource, sourcesOf } from './sources.ts';
export { type Verdict, verify } from './verify.ts';
