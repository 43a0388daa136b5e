import { exit, OpsError } from '../errors/index.ts';
import type { Case } from './case.ts';

/** Selects cases; exactly one of the three must be given. */
export interface Choice {
  /** Ids of cases or dead letters, possibly abbreviated. */
  ids: readonly string[];
  reason?: string;
  all?: boolean;
}

/**
 * The selected cases.
 *
 * @throws OpsError if nothing is selected, or an id matches no case or several
 */
export function choose(cases: readonly Case[], { ids, reason, all = false }: Choice): Case[] {
  if ([ids.length > 0, reason !== undefined, all].filter(Boolean).length !== 1) {
    throw new OpsError('Select cases with ids, --reason or --all.', exit.usage);
  }
  if (all) return [...cases];
  if (reason !== undefined) return cases.filter((one) => one.reason === reason);
  return [...new Set(ids.map((id) => caseOf(cases, id)))];
}

/** The case with an id. @throws OpsError */
export function caseOf(cases: readonly Case[], id: string): Case {
  // Such as that of a shell variable without a value: it would match the only case.
  if (id === '') throw new OpsError('An id must not be empty.', exit.usage);
  const found = cases.filter(
    (one) => one.id.startsWith(id) || one.letters.some((letter) => letter.id.startsWith(id)),
  );
  const [only, second] = found;
  if (!only) throw new OpsError(`No case has an id that starts with "${id}".`, exit.findings);
  if (second) throw new OpsError(`Several ids start with "${id}". Use more characters.`, exit.usage);
  return only;
}
