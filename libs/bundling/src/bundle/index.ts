export { type Codec, store } from './codec/codec.ts';
export { zstd, type ZstdOptions } from './codec/zstd.ts';
export { gzip, type GzipOptions } from './gzip/gzip.ts';
export { MemberBodyError } from './member-body.ts';
export {
  createStaging,
  createStagingMemory,
  type PartSink,
  type Staged,
  type Staging,
  type StagingMemory,
  type StagingOptions,
} from './staging.ts';
export type { Entry } from './tar/entry.ts';
export { memberHeader, padding, TAR_END } from './tar/tar.ts';
export { createBundleWriter, type BundleWriter, type FinishedBundle } from './writer.ts';
