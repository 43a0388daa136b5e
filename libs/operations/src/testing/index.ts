export { namedResources } from './resources.ts';
export { letter, type MemoryLetters, memoryLetters } from './memory-letters.ts';
