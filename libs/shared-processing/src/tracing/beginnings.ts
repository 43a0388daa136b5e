import type { Beginning } from './recording.ts';

/** An invocation by the clock, or on request, under the function's short name. */
export function invocationBy(trigger: 'timer' | 'other', name: string): Beginning {
  return { name, kind: 'server', attributes: { 'faas.trigger': trigger }, links: [] };
}
