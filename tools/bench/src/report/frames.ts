import type { SourceMap, SourceMapping } from 'node:module';
import { basename } from 'node:path';

/** A processor profile as `--cpu-prof` writes it: the part that is read here. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
    children?: number[];
  }[];
  /** The node that each sample found at work. */
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

/** Whose code a frame is. */
export type Owner = 'ours' | 'package' | 'node' | 'engine';

export interface Frame {
  label: string;
  owner: Owner;
  /** Microseconds of it and of all that it called. */
  total: number;
  children: Frame[];
}

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

/** No work: the process waits, or the profiler itself is at it. */
const NO_WORK = ['(idle)', '(program)'];

/** Adds a profile up by who called whom, whatever the order in time was; the work alone. */
export function framesOf({ nodes, samples, timeDeltas }: CpuProfile, map: SourceMap): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Map<number, number>();
  for (const [index, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0));

  const frameOf = (id: number): Frame | undefined => {
    const node = byId.get(id);
    if (!node || NO_WORK.includes(node.callFrame.functionName)) return undefined;
    const children = merged((node.children ?? []).flatMap((child) => frameOf(child) ?? []));
    const total = children.reduce((sum, child) => sum + child.total, own.get(id) ?? 0);
    return { ...nameOf(node.callFrame, map), total, children };
  };
  const root = nodes[0] && frameOf(nodes[0].id);
  if (!root) throw new Error('the profile is empty');
  return root;
}

/** Frames of the same name become one, and so do those that they call. */
function merged(frames: readonly Frame[]): Frame[] {
  const byLabel = Map.groupBy(frames, ({ label }) => label);
  return [...byLabel.values()]
    .map((same) => ({
      label: same[0]?.label ?? '',
      owner: same[0]?.owner ?? 'engine',
      total: same.reduce((sum, { total }) => sum + total, 0),
      children: merged(same.flatMap(({ children }) => children)),
    }))
    .sort((a, b) => b.total - a.total);
}

/** The artifact's functions have no names of their own: they are told by their places in the sources. */
function nameOf({ functionName, url, lineNumber, columnNumber }: CallFrame, map: SourceMap) {
  const found = url.endsWith('index.mjs') ? map.findEntry(lineNumber, columnNumber) : {};
  const { originalSource, originalLine } = found as Partial<SourceMapping>;
  if (originalSource === undefined || originalLine === undefined) {
    const owner: Owner = url.startsWith('node:') ? 'node' : url === '' ? 'engine' : 'package';
    return { label: functionName || basename(url) || '(anonymous)', owner };
  }
  const [, packaged] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(originalSource) ?? [];
  const place = `${basename(originalSource)}:${originalLine + 1}`;
  return packaged === undefined
    ? { label: place, owner: 'ours' as const }
    : { label: `${packaged} ${place}`, owner: 'package' as const };
}
