export { invokeHandler } from './invoke-handler.ts';
export { createRandom, type Random } from './random.ts';
export { manualClock, type ManualClock } from './manual-clock.ts';
export { memoryListing } from './memory-listing.ts';
export { collectGarbage, liveMemory } from './live-memory.ts';
export { landedVersion, type MemoryStore, memoryStore, type MemoryVersion } from './memory-store.ts';
export { type MemoryTable, memoryTable } from './memory-table.ts';
export { type StandIn, standInForAws } from './stand-in.ts';
