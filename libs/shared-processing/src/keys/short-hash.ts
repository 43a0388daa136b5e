import { hash } from 'node:crypto';

/** Length of a `shortHash`. */
export const HASH_LENGTH = 12;

/** 48 bits of SHA-256, as 12 lower-case hex digits: to tell names apart, where a clash is seen and resolved. */
export function shortHash(text: string): string {
  return hash('sha256', text).slice(0, HASH_LENGTH);
}
