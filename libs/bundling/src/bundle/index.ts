export { type Codec, store } from './codec/codec.ts';
export { zstd, type ZstdOptions } from './codec/zstd.ts';
export { gzip, type GzipOptions } from './gzip/gzip.ts';
export { MemberBodyError } from './member-body.ts';
export { createSpool, type Spool, type SpoolOptions } from './spool.ts';
export { createSpoolMemory, type SpoolMemory } from './spool-memory.ts';
export type { Entry } from './tar/entry.ts';
export { createBundleWriter, type BundleWriter, type FinishedBundle } from './writer.ts';
