import { fold } from './fold.ts';
import { shortHash, withHashSuffix } from './safe-segment.ts';
import { memberName } from './member-name.ts';

/** A member to name: its key, and what tells it from every other member of the bundle, its versions among them. */
export interface MemberKey {
  key: string;
  identity: string;
}

interface Candidate {
  identity: string;
  /** The name that the key alone gives. */
  base: string;
  /** Whether that name is the very key. */
  isKey: boolean;
  name: string;
  /** `name` as the loosest file system sees it, with U+0000 between segments: nothing sorts before what is below. */
  folded: string;
}

/** The names of a bundle's members, and what it took to find them. */
export interface NamedMembers {
  /** The name of each identity, in the order given. */
  names: Map<string, string>;
  /** Comparisons and look-ups of names: what the time depends on. */
  steps: number;
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
export function nameMembers(members: readonly MemberKey[]): Map<string, string> {
  return nameMembersInSteps(members).names;
}

/**
 * `nameMembers`, with the number of steps. An uploader who knows the version ids of its files can compute a file's
 * suffixes and upload keys that take them. Each such key costs one look-up: n members take O(n log n) steps.
 */
export function nameMembersInSteps(members: readonly MemberKey[]): NamedMembers {
  let steps = 0;
  const compare = (a: string, b: string) => {
    steps++;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const candidates = members.map(candidate);
  const names = new Map(candidates.map(({ identity, name }) => [identity, name]));
  if (names.size < candidates.length) throw new Error('two members of a bundle have one identity');

  // A suffix changes the file's own name only, so the folders of a bundle are known from the start.
  const sorted = candidates.map(({ folded }) => folded).sort(compare);
  const isFolder = (folded: string) => {
    const prefix = `${folded}\0`;
    return sorted[lowerBound(sorted, prefix, compare)]?.startsWith(prefix) === true;
  };

  const taken = new Set<string>();
  let clashing = findClashing(candidates, isFolder, taken);
  // In each round all that clash try their next suffix. A name that was found in an earlier round stays; of those that
  // want one name in the same round none gets it. A suffix clashes by chance as seldom as 48 bits of SHA-256.
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

/** @param rank from 2 on, for the first, second, … suffix: part of the hash, so that suffixes differ */
function suffix(candidate: Candidate, rank: number): void {
  const fileAt = candidate.base.lastIndexOf('/') + 1;
  const hash = shortHash(`${rank}/${candidate.identity}`);
  candidate.name = candidate.base.slice(0, fileAt) + withHashSuffix(candidate.base.slice(fileAt), hash);
  candidate.folded = sortable(candidate.name);
}

/** Those that cannot have the name that their key gives; the names of the others are added to `taken`. */
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

/** The one that goes before every other, where there is one. */
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

/** The first place in a sorted list whose text is not less than `text`. */
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
