import { SourceMap } from 'node:module';
import { XMLValidator } from 'fast-xml-parser';
import { flameGraph } from './flame-graph.ts';
import { type CpuProfile, framesOf } from './frames.ts';

/** Maps line 1, column 4 of the artifact to line 3 of build.ts. */
const map = new SourceMap({
  file: 'index.mjs',
  version: 3,
  sources: ['libs/bundling/src/build.ts'],
  sourcesContent: [],
  names: [],
  mappings: 'IAEA',
  sourceRoot: 'function',
});

const frame = (functionName: string, url = '', columnNumber = 0) => ({
  functionName,
  url,
  lineNumber: 0,
  columnNumber,
});

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 5] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('a', 'file:///var/task/index.mjs', 4), children: [6] },
    { id: 4, callFrame: frame('b', 'file:///var/task/index.mjs', 4) },
    { id: 5, callFrame: frame('emit<', 'node:events') },
    { id: 6, callFrame: frame('emit<', 'node:events') },
  ],
  samples: [2, 3, 4, 5, 6, 6],
  timeDeltas: [9000, 1000, 2000, 3000, 4000, 500],
};

describe('a flame graph', () => {
  it('sums up CPU time by call path, without idle time, under the names of the sources', () => {
    expect(framesOf(profile, map)).toEqual({
      label: '(root)',
      owner: 'engine',
      total: 10_500,
      children: [
        {
          label: 'build.ts:3',
          owner: 'ours',
          total: 7500,
          children: [{ label: 'emit<', owner: 'node', total: 4500, children: [] }],
        },
        { label: 'emit<', owner: 'node', total: 3000, children: [] },
      ],
    });
  });

  it('is well-formed XML in which width is CPU time', () => {
    const document = flameGraph(framesOf(profile, map), 'small & many');
    expect(XMLValidator.validate(document)).toBe(true);
    const widths = [...document.matchAll(/height="17"/g)];
    expect(widths).toHaveLength(4);
    expect(document).toMatch(/build\.ts:3: 71\.4 %, 8 ms<\/title><rect x="0" y="74" width="857\.1"/);
    expect(document).toMatch(/emit&lt;: 28\.6 %, 3 ms<\/title><rect x="857\.1" y="74" width="342\.9"/);
  });
});
