import { randomBytes } from 'node:crypto';
import type { ChangePreview, ChangeResult } from '../api.ts';
import type { Prepared } from './backend.ts';
import { ConsoleError } from './console-error.ts';

/** How long a preview can be confirmed: after that, the world may have changed too much. */
const VALID_MS = 120_000;
/** Previews that are kept; the oldest go first. */
const MAX_PENDING = 20;

/** Changes that wait for their confirmation. */
export interface Changes {
  /** Keeps a prepared change. @returns its preview, with the confirmation to send */
  add(prepared: Prepared): ChangePreview;
  /**
   * Makes a change, once, and logs it: one line before and one after, so that a change that never ends is seen too.
   *
   * @throws ConsoleError if the confirmation is unknown, used or too old
   */
  confirm(confirmation: string): Promise<ChangeResult>;
  /** Ends changes after the case at hand, and waits for them. */
  stop(): Promise<void>;
}

/** @param log writes one JSON line */
export function createChanges(log: (line: Record<string, unknown>) => void, now = Date.now): Changes {
  const pending = new Map<string, { prepared: Prepared; expiresAt: number }>();
  const running = new Set<Promise<ChangeResult>>();
  const stopped = new AbortController();

  async function make({ preview, log: details, execute }: Prepared): Promise<ChangeResult> {
    const about = { title: preview.title, ...details };
    log({ message: 'change.started', ...about });
    try {
      const { error, ...result } = await execute(stopped.signal);
      const { ok, sentences } = result;
      if (error === undefined) log({ message: 'change.done', ...about, ok, sentences });
      else log({ message: 'change.failed', ...about, ok, sentences, error: String(error) });
      return result;
    } catch (error) {
      log({ message: 'change.failed', ...about, error: String(error) });
      throw error;
    }
  }

  return {
    add(prepared) {
      const confirmation = randomBytes(18).toString('base64url');
      const expiresAt = now() + VALID_MS;
      pending.set(confirmation, { prepared, expiresAt });
      for (const oldest of [...pending.keys()].slice(0, -MAX_PENDING)) pending.delete(oldest);
      return { ...prepared.preview, confirmation, expiresAt };
    },
    async confirm(confirmation) {
      const found = pending.get(confirmation);
      pending.delete(confirmation);
      if (!found || found.expiresAt < now()) {
        throw new ConsoleError(
          'stale-confirmation',
          'This change was confirmed already, or its preview is older than two minutes. Look at it again.',
        );
      }
      const change = make(found.prepared);
      running.add(change);
      try {
        return await change;
      } finally {
        running.delete(change);
      }
    },
    async stop() {
      stopped.abort();
      await Promise.allSettled(running);
    },
  };
}
