import { fold } from './fold.ts';
import { tagged } from './length.ts';
import { memberName } from './member-name.ts';
import { shortHash } from './short-hash.ts';

/** A member to name: its key, and what tells it from every other member of the bundle, its versions among them. */
export interface Nameable {
  key: string;
  identity: string;
}

interface Candidate {
  identity: string;
  /** The name that the key alone gives. */
  base: string;
  /** 0: the key itself, 1: the key rewritten, from 2 on: with its first, second, … suffix. */
  rank: number;
  name: string;
  /** `name` as the loosest file system sees it, with U+0000 between segments: nothing sorts before what is below. */
  folded: string;
}

/**
 * Names the members of one bundle so that each extracts as a file of its own: no two names are one to any file
 * system, and none is a folder of another. A name is the key made safe; where that clashes, it gets a suffix made from
 * the identity. So the same members give the same names, in whatever order they come.
 *
 * In a clash a member whose name is its very key goes first and keeps it; a file always gives way to a folder.
 *
 * @returns the name of each identity, in the order given
 * @throws Error for a key that `memberName` refuses, and for an identity that comes twice
 */
export function nameMembers(members: readonly Nameable[]): Map<string, string> {
  const candidates = members.map(candidate);
  const names = new Map(candidates.map(({ identity, name }) => [identity, name]));
  if (names.size < candidates.length) throw new Error('two members of a bundle have one identity');
  // A suffix seldom clashes again, and as seldom as SHA-256 does for ever.
  for (let losers = clashing(candidates); losers.length > 0; losers = clashing(candidates)) {
    losers.forEach(suffix);
  }
  for (const { identity, name } of candidates) names.set(identity, name);
  return names;
}

function candidate({ key, identity }: Nameable): Candidate {
  const base = memberName(key);
  if (base.kind === 'refused') throw new Error(`no name for ${JSON.stringify(key)}: ${base.reason}`);
  const { name, rewritten } = base;
  return { identity, base: name, rank: rewritten ? 1 : 0, name, folded: sortable(name) };
}

function suffix(candidate: Candidate): void {
  candidate.rank = Math.max(candidate.rank + 1, 2);
  const fileAt = candidate.base.lastIndexOf('/') + 1;
  const hash = shortHash(`${candidate.rank}/${candidate.identity}`);
  candidate.name = candidate.base.slice(0, fileAt) + tagged(candidate.base.slice(fileAt), hash);
  candidate.folded = sortable(candidate.name);
}

/** Those that must take another name. Sorted, names of one fold are neighbours, and what is below them comes next. */
function clashing(candidates: readonly Candidate[]): Candidate[] {
  const sorted = candidates.toSorted((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : 0));
  return groupNeighbours(sorted).flatMap((group, index, groups) => {
    const below = groups[index + 1]?.[0].folded ?? '';
    const isFolder = below.startsWith(`${group[0].folded}\0`);
    return isFolder ? group : allButFirst(group);
  });
}

function groupNeighbours(sorted: readonly Candidate[]): [Candidate, ...Candidate[]][] {
  const groups: [Candidate, ...Candidate[]][] = [];
  for (const candidate of sorted) {
    const last = groups.at(-1);
    if (last?.[0].folded === candidate.folded) last.push(candidate);
    else groups.push([candidate]);
  }
  return groups;
}

/** All but the one that goes before every other, where there is one. */
function allButFirst(group: readonly Candidate[]): readonly Candidate[] {
  const rank = group.reduce((lowest, it) => Math.min(lowest, it.rank), Infinity);
  const others = group.filter((it) => it.rank > rank);
  return others.length === group.length - 1 ? others : group;
}

function sortable(name: string): string {
  return fold(name).replaceAll('/', '\0');
}
