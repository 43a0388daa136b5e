import { Readable } from 'node:stream';
import type { Flow } from '../../api.ts';
import type { Backend, Prepared } from '../backend.ts';
import { ConsoleError } from '../console-error.ts';

export const flow: Flow = {
  at: 1_000,
  stages: [],
  deadLetters: 0,
  bottleneck: { sentence: 'Nothing holds files up.' },
};

/** A backend that answers with fixed figures, for specs of the routes. */
export function standInBackend(overrides: Partial<Backend> = {}): Backend & { executed: string[] } {
  const executed: string[] = [];
  const unknown = async (): Promise<never> => {
    throw new ConsoleError('not-found', 'The stand-in does not know that.');
  };
  return {
    executed,
    session: {
      target: 'aws',
      environment: 'dev',
      region: 'eu-central-1',
      buckets: { landing: 'l', distribution: 'd', archive: 'a' },
      hasLoad: false,
      refresh: { seconds: 1, usdPerHour: 0, sentence: 'It costs nothing.' },
    },
    flow: async () => flow,
    history: unknown,
    searchFiles: async (part) => ({ part, files: [], isPartial: false, sentence: '' }),
    file: async (key) => ({ key, versions: [] }),
    bundles: async ({ state }) => ({ state, bundles: [] }),
    bundle: unknown,
    verify: async (key) => ({ key, place: key, files: 1, problems: [], seconds: 0 }),
    member: async (bundle, index) => ({
      fileName: `${bundle}-${index}.html`,
      size: 8,
      open: async () => Readable.from([Buffer.from('<script>')]),
    }),
    quarantine: unknown,
    quarantineCase: unknown,
    alarms: async () => ({ readAt: 0, counts: { alarm: 1, ok: 2, insufficientData: 0 }, alarms: [] }),
    functions: unknown,
    logs: async () => ({ events: [] }),
    cost: unknown,
    prepare: async (change): Promise<Prepared> => ({
      preview: {
        title: `Do ${change.kind}`,
        consequences: ['One case goes back to the queue.'],
        affected: ['a'],
        affectedTotal: 1,
        isFinal: false,
        confirmLabel: 'Do it',
      },
      execute: async () => {
        executed.push(change.kind);
        return { ok: true, sentences: ['Done.'] };
      },
      log: { kind: change.kind },
    }),
    ...overrides,
  };
}
