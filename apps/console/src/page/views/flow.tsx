import type { Flow, FlowHistory, Series as ApiSeries, SeriesId } from '../../api.ts';
import { Chart, type Series } from '../parts/chart.tsx';
import { Loading, Next, Problem } from '../parts/common.tsx';
import { Diagram } from '../parts/diagram.tsx';
import { Note } from '../parts/state.tsx';
import { flow, session } from '../state/live.ts';
import { useLoaded } from '../state/request.ts';
import { duration, figure } from '../text/format.ts';

const MIN_HISTORY_MS = 5_000;

/** The pipeline now, and its last hour. */
export function FlowView() {
  const refresh = session.value?.refresh;
  const history = useLoaded<FlowHistory>(
    '/api/flow/history',
    Math.max(MIN_HISTORY_MS, (refresh?.seconds ?? 1) * 1_000),
  );
  return (
    <>
      {flow.value ? <Live shown={flow.value} /> : <Loading what="live figures" />}
      <section aria-labelledby="last-hour" class="section">
        <h2 id="last-hour">Last hour</h2>
        {history.error && <Problem error={history.error} retry={history.reload} />}
        {history.data ? <Charts history={history.data} /> : !history.error && <Loading what="charts" />}
      </section>
      {refresh && <p class="quiet footnote">{refresh.sentence}</p>}
    </>
  );
}

function Live({ shown }: { shown: Flow }) {
  const { bottleneck } = shown;
  return (
    <>
      <Note tone={bottleneck.stage === undefined ? 'good' : 'warn'}>
        <p>
          {bottleneck.sentence} {bottleneck.next && <Next step={bottleneck.next} />}
        </p>
      </Note>
      <Diagram shown={shown} />
    </>
  );
}

interface ChartPlan {
  title: string;
  series: { id: SeriesId; line: Series['line'] }[];
}

const CHARTS: ChartPlan[] = [
  {
    title: 'Files',
    series: [
      { id: 'notified', line: 'second' },
      { id: 'bundled', line: 'main' },
    ],
  },
  {
    title: 'Queue',
    series: [
      { id: 'queue-waiting', line: 'main' },
      { id: 'queue-in-flight', line: 'second' },
      { id: 'dead-letters', line: 'bad' },
    ],
  },
  { title: 'Oldest in the queue', series: [{ id: 'queue-oldest', line: 'main' }] },
  {
    title: 'Invocations',
    series: [
      { id: 'invocations', line: 'main' },
      { id: 'errors', line: 'bad' },
    ],
  },
  { title: 'Duration', series: [{ id: 'duration', line: 'main' }] },
  { title: 'For the consumer', series: [{ id: 'bundles-waiting', line: 'main' }] },
  { title: 'Oldest for the consumer', series: [{ id: 'bundles-oldest', line: 'main' }] },
];

function Charts({ history }: { history: FlowHistory }) {
  const known = new Map(history.series.map((series) => [series.id, series]));
  return (
    <div class="charts">
      {CHARTS.map(({ title, series }) => {
        const lines = series.flatMap(({ id, line }) => {
          const found = known.get(id);
          return found ? [{ ...found, line }] : [];
        });
        const main = lines.find(({ line }) => line === 'main');
        if (!main) return null;
        return (
          <Chart
            key={title}
            title={title}
            summary={summaryOf(main)}
            times={history.times}
            series={lines}
            format={formatOf(main.unit)}
          />
        );
      })}
    </div>
  );
}

/** How to show values of a unit. */
function formatOf(unit: string): (value: number | undefined) => string {
  if (unit === 'ms') return duration;
  if (unit === 's') return (value) => duration(value === undefined ? undefined : value * 1_000);
  return unit.endsWith('/s')
    ? (value) => (value === undefined ? figure(value) : `${figure(value)}/s`)
    : figure;
}

/** The main series of a chart in words. */
function summaryOf({ values, label, unit }: ApiSeries): string {
  const format = formatOf(unit);
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return `${label}: no values in the last hour.`;
  const average = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return `${label}: average ${format(average)}, highest ${format(Math.max(...numbers))}.`;
}
