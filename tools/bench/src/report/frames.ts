import type { SourceMap, SourceMapping } from 'node:module';
import { basename } from 'node:path';

/** The part of a CPU profile, as `--cpu-prof` writes it, that is read here. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
    children?: number[];
  }[];
  /** The node that was running at each sample. */
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

/** The origin of a frame's code. */
export type Owner = 'ours' | 'package' | 'node' | 'engine';

export interface Frame {
  label: string;
  owner: Owner;
  /** Microseconds, including all callees. */
  total: number;
  children: Frame[];
}

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

/** Frames without work: idle time and the profiler itself. */
const NO_WORK = ['(idle)', '(program)'];

/** Sums up a profile's CPU time by call path, regardless of time. */
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

/** Merges frames with the same name, and their callees. */
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

/** Minified functions have no useful names, so they are named by their location in the sources. */
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
