import type { Frame, Owner } from './frames.ts';

const WIDTH = 1200;
const ROW = 18;
const HEAD = 56;
/** Pixels below which a frame is left out, or has no text. */
const MIN_WIDTH = 0.6;
const MIN_TEXT_WIDTH = 34;
const CHARACTER = 6.2;

const COLOURS: Record<Owner, string> = {
  ours: '#f4a261',
  package: '#8ecae6',
  node: '#b7d7a8',
  engine: '#d9d9d9',
};
const LEGEND: Record<Owner, string> = {
  ours: "the project's own code",
  package: 'packages',
  node: "Node's own code",
  engine: 'the engine: garbage collection, system calls',
};

/** A flame graph as an SVG document. Width is CPU time; callees are below their callers. */
export function flameGraph(root: Frame, title: string): string {
  const rows: string[] = [];
  let deepest = 0;

  const draw = (frame: Frame, x: number, depth: number): void => {
    const width = (frame.total / root.total) * WIDTH;
    if (width < MIN_WIDTH) return;
    deepest = Math.max(deepest, depth);
    const y = HEAD + depth * ROW;
    const share = `${((frame.total / root.total) * 100).toFixed(1)} %, ${Math.round(frame.total / 1000)} ms`;
    const shown = frame.label.slice(0, Math.floor((width - 6) / CHARACTER));
    rows.push(
      `<g><title>${escaped(`${frame.label}: ${share}`)}</title>` +
        `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${ROW - 1}" fill="${COLOURS[frame.owner]}"/>` +
        (width >= MIN_TEXT_WIDTH ? `<text x="${round(x + 3)}" y="${y + 13}">${escaped(shown)}</text>` : '') +
        '</g>',
    );
    let at = x;
    for (const child of frame.children) {
      draw(child, at, depth + 1);
      at += (child.total / root.total) * WIDTH;
    }
  };
  draw(root, 0, 0);

  const height = HEAD + (deepest + 1) * ROW;
  const legend = Object.entries(LEGEND).map(
    ([owner, text], index) =>
      `<rect x="${index * 230}" y="30" width="12" height="12" fill="${COLOURS[owner as Owner]}"/>` +
      `<text x="${index * 230 + 17}" y="40">${escaped(text)}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    `font-family="monospace" font-size="10.5"><rect width="100%" height="100%" fill="#ffffff"/>` +
    `<text x="0" y="16" font-size="13">${escaped(title)}</text>${legend.join('')}${rows.join('')}</svg>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
