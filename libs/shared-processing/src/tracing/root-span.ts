import type { RootSpan } from './recording.ts';

/** An invocation by the clock, or on request, under the function's short name. */
export function invocationSpan(trigger: 'timer' | 'other', name: string): RootSpan {
  return { name, kind: 'server', attributes: { 'faas.trigger': trigger }, links: [] };
}
