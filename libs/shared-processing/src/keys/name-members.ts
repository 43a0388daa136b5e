import { fold } from './fold.ts';
import { shortHash, withHashSuffix } from './safe-segment.ts';
import { memberName } from './member-name.ts';

/** A member to name: its key, and an identity that is unique in the bundle, also among versions of the key. */
export interface MemberKey {
  key: string;
  identity: string;
}

interface Candidate {
  identity: string;
  /** The name of the key, without a suffix. */
  base: string;
  /** Whether that name equals the key. */
  isKey: boolean;
  name: string;
  /** The fold of `name`, with U+0000 between segments, so that the contents of a folder sort right after it. */
  folded: string;
}

/** The names of a bundle's members, and the work to find them. */
export interface NamedMembers {
  /** The name of each identity, in the given order. */
  names: Map<string, string>;
  /** Comparisons and lookups of names, which determine the running time. */
  steps: number;
}

/**
 * Names the members of one bundle so that each extracts as a separate file: no file system considers two names equal, and
 * no name is a folder of another. A name is the key made safe; if that clashes, it gets a suffix derived from the
 * identity. So the same members always get the same names, in any order.
 *
 * In a clash, the member whose name equals its key keeps the name; but a file is always renamed in favour of a folder.
 *
 * @returns the name of each identity, in the given order
 * @throws Error for a key that `memberName` refuses, and for a repeated identity
 */
export function nameMembers(members: readonly MemberKey[]): Map<string, string> {
  return nameMembersInSteps(members).names;
}

/**
 * `nameMembers`, with the number of steps. An uploader that knows the version ids of its files can compute a file's
 * suffixes and upload keys that take them. Each such key costs one lookup, so n members take O(n log n) steps.
 */
export function nameMembersInSteps(members: readonly MemberKey[]): NamedMembers {
  let steps = 0;
  const compare = (a: string, b: string) => {
    steps++;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const candidates = members.map(candidate);
  const names = new Map(candidates.map(({ identity, name }) => [identity, name]));
  if (names.size < candidates.length) throw new Error('two members of a bundle have the same identity');

  // A suffix changes only the file's own name, so the folders of a bundle are known from the start.
  const sorted = candidates.map(({ folded }) => folded).sort(compare);
  const isFolder = (folded: string) => {
    const prefix = `${folded}\0`;
    return sorted[lowerBound(sorted, prefix, compare)]?.startsWith(prefix) === true;
  };

  const taken = new Set<string>();
  let clashing = findClashing(candidates, isFolder, taken);
  // In each round, all clashing members try their next suffix. Names from earlier rounds stay; if several members want
  // the same name in one round, none gets it. By chance, a suffix clashes as rarely as 48 bits of SHA-256.
  for (let rank = 2; clashing.length > 0; rank++) {
    for (const candidate of clashing) suffix(candidate, rank);
    const wanted = clashing.filter(({ folded }) => {
      steps++;
      return !taken.has(folded) && !isFolder(folded);
    });
    const resolved = new Set(groupsOf(wanted).flatMap((group) => (group.length === 1 ? group : [])));
    for (const { folded } of resolved) taken.add(folded);
    clashing = clashing.filter((candidate) => !resolved.has(candidate));
  }
  for (const { identity, name } of candidates) names.set(identity, name);
  return { names, steps };
}

function candidate({ key, identity }: MemberKey): Candidate {
  const base = memberName(key);
  if (base.kind === 'refused') throw new Error(`no name for ${JSON.stringify(key)}: ${base.reason}`);
  const { name, rewritten } = base;
  return { identity, base: name, isKey: !rewritten, name, folded: sortable(name) };
}

/** @param rank 2 for the first suffix, 3 for the second, …; it is part of the hash, so that suffixes differ */
function suffix(candidate: Candidate, rank: number): void {
  const fileAt = candidate.base.lastIndexOf('/') + 1;
  const hash = shortHash(`${rank}/${candidate.identity}`);
  candidate.name = candidate.base.slice(0, fileAt) + withHashSuffix(candidate.base.slice(fileAt), hash);
  candidate.folded = sortable(candidate.name);
}

/** The members that cannot have the name of their key. Adds the names of the others to `taken`. */
function findClashing(
  candidates: readonly Candidate[],
  isFolder: (folded: string) => boolean,
  taken: Set<string>,
): Candidate[] {
  return groupsOf(candidates).flatMap((group) => {
    const [{ folded }] = group;
    if (isFolder(folded)) return group;
    const owner = nameOwner(group);
    if (owner) taken.add(folded);
    return group.filter((it) => it !== owner);
  });
}

/** The member that keeps the name, if there is one. */
function nameOwner(group: readonly Candidate[]): Candidate | undefined {
  if (group.length === 1) return group[0];
  const [key, ...others] = group.filter(({ isKey }) => isKey);
  return others.length === 0 ? key : undefined;
}

function groupsOf(candidates: readonly Candidate[]): [Candidate, ...Candidate[]][] {
  const groups = new Map<string, [Candidate, ...Candidate[]]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.folded);
    if (group) group.push(candidate);
    else groups.set(candidate.folded, [candidate]);
  }
  return [...groups.values()];
}

/** The first index in a sorted list whose text is not less than `text`. */
function lowerBound(
  sorted: readonly string[],
  text: string,
  compare: (a: string, b: string) => number,
): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(sorted[middle] ?? '', text) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function sortable(name: string): string {
  return fold(name).replaceAll('/', '\0');
}
