import { signal } from '@preact/signals';

/** The time in milliseconds since 1970, once a second, for ages that grow while nothing arrives. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 1_000);
