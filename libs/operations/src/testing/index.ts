export { letter, type MemoryLetters, memoryLetters } from './memory-letters.ts';
