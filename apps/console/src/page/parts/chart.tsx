import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { instant, NONE } from '../text/format.ts';
import { theme } from '../state/theme.ts';

export interface Series {
  label: string;
  /** One value for each time; null where there is none. */
  values: readonly (number | null)[];
  /** `main` is a filled line, `second` a dashed one, `bad` a red dotted one. They differ without colour too. */
  line: 'main' | 'second' | 'bad';
}

interface ChartProps {
  title: string;
  /** One line that says what the chart shows, for everybody. */
  summary: string;
  /** Milliseconds since 1970, ascending. */
  times: readonly number[];
  series: readonly Series[];
  /** A value with its unit. */
  format: (value: number | undefined) => string;
}

const DASHES = { main: [], second: [6, 3], bad: [2, 2] };
/** The charts of a view share the position of the cursor. */
const CURSORS = UPlot.sync('charts');

/** A line chart over time. The same values are available as a table. */
export function Chart({ title, summary, times, series, format }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const [pointed, setPointed] = useState<number>();
  const chosenTheme = theme.value;
  const lines = series.map(({ line }) => line).join();

  // The plot copies colours at its start, so another theme needs another plot.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const start = () => {
      plot.current?.destroy();
      plot.current = draw(element, { times, series, format, onPoint: setPointed });
    };
    start();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', start);
    const observer = new ResizeObserver(() => plot.current?.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      dark.removeEventListener('change', start);
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [chosenTheme, lines]);

  useEffect(() => {
    plot.current?.setData(dataOf(times, series));
  }, [times, series]);

  const at = pointed ?? times.length - 1;
  const time = times[at];
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <p class="quiet">{summary}</p>
        <p class="chart-legend">
          {series.map(({ label, values, line }) => (
            <span key={label} class={`chart-key line-${line}`}>
              <svg viewBox="0 0 24 8" aria-hidden="true">
                <path d="M0 4H24" />
              </svg>
              {label} <b>{format(values[at] ?? undefined)}</b>
            </span>
          ))}
          <span class="quiet chart-time">{time === undefined ? NONE : instant(time, Date.now())}</span>
        </p>
      </figcaption>
      <div class="chart-box" ref={box} aria-hidden="true" />
      <Values title={title} times={times} series={series} format={format} />
    </figure>
  );
}

/** The values of a chart as a table. Its rows are made when it is opened. */
function Values({ title, times, series, format }: Omit<ChartProps, 'summary'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="chart-values"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        Values<span class="visually-hidden"> of “{title}” as a table</span>
      </summary>
      {isOpen && (
        <div class="scroll-y" tabIndex={0} role="region" aria-label={`Values of “${title}”`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" class="number">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.toReversed().map((time, n) => (
                <tr key={time}>
                  <th scope="row">{instant(time, Date.now())}</th>
                  {series.map(({ label, values }) => (
                    <td key={label} class="number">
                      {format(values[times.length - 1 - n] ?? undefined)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

interface Drawing extends Pick<ChartProps, 'times' | 'series' | 'format'> {
  /** Called with the index of the time under the cursor, and with undefined when there is none. */
  onPoint: (index: number | undefined) => void;
}

function draw(element: HTMLElement, { times, series, format, onPoint }: Drawing): UPlot {
  const colour = coloursOf(element);
  const axis = {
    stroke: colour('--quiet'),
    font: `${11 * zoom()}px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const stroke = { main: colour('--accent'), second: colour('--quiet'), bad: colour('--bad') };
  return new UPlot(
    {
      ...sizeOf(element),
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, sync: { key: CURSORS.key } },
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 1)] } },
      axes: [
        { ...axis, space: 70 * zoom(), size: 26 * zoom(), values: '{HH}:{mm}' },
        {
          ...axis,
          space: 34 * zoom(),
          size: 64 * zoom(),
          values: (_plot, splits) => splits.map((value) => format(value)),
        },
      ],
      series: [
        {},
        ...series.map(({ line }) => ({
          stroke: stroke[line],
          width: 1.5,
          dash: DASHES[line],
          // A line needs two values: one without neighbours is a point.
          points: {
            show: true,
            size: 5,
            filter: (plot: UPlot, index: number) => isolated(plot.data[index] ?? []),
          },
          spanGaps: false,
          ...(line === 'main' && { fill: colour('--accent-tint') }),
        })),
      ],
    },
    dataOf(times, series),
    element,
  );
}

function isolated(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (_, n) => n).filter(
    (n) => values[n] != null && values[n - 1] == null && values[n + 1] == null,
  );
}

function dataOf(times: readonly number[], series: readonly Series[]): UPlot.AlignedData {
  return [times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])];
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, element.clientWidth), height: Math.round(150 * zoom()) };
}

/** How much larger than usual text is: the canvas does not know the size of the page's text. */
function zoom(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}

/** Computes colours of the style sheet: a canvas understands neither variables nor `light-dark()`. */
function coloursOf(element: HTMLElement): (variable: string) => string {
  return (variable) => {
    const probe = element.appendChild(document.createElement('i'));
    probe.style.color = `var(${variable})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
