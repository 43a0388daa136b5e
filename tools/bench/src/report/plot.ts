/** One line of a plot: points with x above 0, on a logarithmic axis, and y from 0 upward. */
export interface Series {
  name: string;
  points: readonly { x: number; y: number }[];
}

export interface Plot {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
}

const WIDTH = 520;
const HEIGHT = 280;
const MARGIN = { left: 60, right: 20, top: 60, bottom: 46 };
const COLOURS = ['#1f77b4', '#d6604d', '#4d9221', '#7b3294'];

/** Plots side by side as one SVG document, readable on light and dark pages. */
export function svg(plots: readonly Plot[]): string {
  const panels = plots.map(
    (plot, index) => `<g transform="translate(${index * WIDTH} 0)">${panel(plot)}</g>`,
  );
  const width = WIDTH * plots.length;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>${panels.join('')}</svg>\n`
  );
}

function panel({ title, xLabel, yLabel, series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const powers = points.map(({ x }) => Math.log10(x));
  const left = Math.floor(Math.min(...powers));
  const right = Math.max(left + 1, Math.ceil(Math.max(...powers)));
  const top = niceCeiling(Math.max(...points.map(({ y }) => y)));
  const innerWidth = WIDTH - MARGIN.left - MARGIN.right;
  const innerHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const atX = (x: number) => round(MARGIN.left + ((Math.log10(x) - left) / (right - left)) * innerWidth);
  const atY = (y: number) => round(MARGIN.top + (1 - y / top) * innerHeight);

  const yTicks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = atY(share * top);
    return (
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#dddddd"/>` +
      text(MARGIN.left - 6, y + 4, String(round(share * top)), 'end')
    );
  });
  const xTicks = Array.from({ length: right - left + 1 }, (_, index) => {
    const value = 10 ** (left + index);
    return text(atX(value), HEIGHT - MARGIN.bottom + 16, value.toLocaleString('en'), 'middle');
  });
  const lines = series.map((one, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = one.points.map(({ x, y }) => `${atX(x)},${atY(y)}`).join(' ');
    const dots = one.points.map(
      ({ x, y }) => `<circle cx="${atX(x)}" cy="${atY(y)}" r="3" fill="${colour}"/>`,
    );
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}` +
      text(MARGIN.left + index * 230, 42, one.name, 'start', colour)
    );
  });
  return [
    text(MARGIN.left, 20, title, 'start'),
    ...yTicks,
    ...xTicks,
    ...lines,
    text(WIDTH / 2, HEIGHT - 10, xLabel, 'middle'),
    `<g transform="translate(14 ${HEIGHT / 2}) rotate(-90)">${text(0, 0, yLabel, 'middle')}</g>`,
  ].join('');
}

function text(x: number, y: number, content: string, anchor: string, colour = '#222222'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${escaped}</text>`;
}

/** The next of 1, 2, 5, 10, 20, … that is not smaller. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
