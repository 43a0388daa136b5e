import type { Codec } from './codec.ts';

/** The tar as it is. Uses no thread pool, no timer and no file: the order of events is the order of promises. */
export function store(): Codec {
  return {
    name: 'store',
    extension: '.tar',
    contentType: 'application/x-tar',
    createEncoder: (sink) => ({
      write: (bytes) => sink(bytes),
      end: async () => undefined,
      close: async () => undefined,
    }),
  };
}
