import { exit, OpsError } from '../exit.ts';
import type { Case } from './case.ts';

/** Which cases are meant. */
export interface Choice {
  /** Ids of cases, or of letters; the beginning of one will do. */
  ids: readonly string[];
  reason?: string;
  all?: boolean;
}

/**
 * The cases that are chosen.
 *
 * @throws OpsError where nothing is chosen, or an id is of none, or of several
 */
export function choose(cases: readonly Case[], { ids, reason, all = false }: Choice): Case[] {
  if ([ids.length > 0, reason !== undefined, all].filter(Boolean).length !== 1) {
    throw new OpsError('Say which: ids, --reason or --all.', exit.usage);
  }
  if (all) return [...cases];
  if (reason !== undefined) return cases.filter((one) => one.reason === reason);
  return [...new Set(ids.map((id) => caseOf(cases, id)))];
}

/** The case that an id is of. @throws OpsError */
export function caseOf(cases: readonly Case[], id: string): Case {
  const found = cases.filter(
    (one) => one.id.startsWith(id) || one.letters.some((letter) => letter.id.startsWith(id)),
  );
  const [only, second] = found;
  if (!only) throw new OpsError(`Nothing in quarantine has an id that begins with "${id}".`, exit.findings);
  if (second) throw new OpsError(`More than one id begins with "${id}": write more of it.`, exit.usage);
  return only;
}
