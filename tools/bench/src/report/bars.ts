/** Groups of horizontal bars: one group per figure and workload, one bar per subject. */
export interface BarChart {
  title: string;
  /** Names of the bars of each group, in order. */
  subjects: readonly string[];
  panels: readonly BarPanel[];
}

export interface BarPanel {
  title: string;
  format: (value: number) => string;
  groups: readonly { title: string; values: readonly number[] }[];
}

const COLOURS = ['#d9d9d9', '#8ecae6', '#f4a261'];
const PANEL_WIDTH = 400;
const BAR_WIDTH = 300;
const BAR = 14;
const GROUP_GAP = 24;
const HEAD = 72;

/**
 * Draws panels of bars next to each other as an SVG document. In each group, the longest bar has the full width, because
 * groups differ by orders of magnitude.
 */
export function barChart({ title, subjects, panels }: BarChart): string {
  const groups = Math.max(...panels.map((panel) => panel.groups.length));
  const height = HEAD + groups * (subjects.length * BAR + GROUP_GAP);
  const width = panels.length * PANEL_WIDTH;
  const legend = subjects.map(
    (subject, index) =>
      `<rect x="${index * 160}" y="26" width="12" height="12" fill="${COLOURS[index]}"/>` +
      `<text x="${index * 160 + 17}" y="36">${escaped(subject)}</text>`,
  );
  const drawn = panels.map((panel, index) => panelAt(panel, index * PANEL_WIDTH));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="monospace" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>` +
    `<text x="0" y="14" font-size="13">${escaped(title)}</text>${legend.join('')}${drawn.join('')}</svg>\n`
  );
}

function panelAt({ title, format, groups }: BarPanel, x: number): string {
  const heading = `<text x="${x}" y="60" font-size="13" font-weight="bold">${escaped(title)}</text>`;
  const drawn = groups.map(({ title: group, values }, index) => {
    const y = HEAD + index * (values.length * BAR + GROUP_GAP);
    const longest = Math.max(...values);
    const bars = values.map((value, bar) => {
      const length = Math.max(1, (value / longest) * BAR_WIDTH).toFixed(1);
      const top = y + 14 + bar * BAR;
      return (
        `<rect x="${x}" y="${top}" width="${length}" height="${BAR - 2}" fill="${COLOURS[bar]}"/>` +
        `<text x="${x + Number(length) + 4}" y="${top + 10}">${escaped(format(value))}</text>`
      );
    });
    return `<text x="${x}" y="${y + 9}">${escaped(group)}</text>${bars.join('')}`;
  });
  return heading + drawn.join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
