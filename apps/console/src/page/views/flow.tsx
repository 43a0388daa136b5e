import type { Flow, FlowHistory, Series as ApiSeries, SeriesId } from '../../api.ts';
import { Chart, type Series } from '../parts/chart.tsx';
import { Loading, Next, Problem } from '../parts/common.tsx';
import { Diagram } from '../parts/diagram.tsx';
import { Note } from '../parts/state.tsx';
import { flow, session } from '../state/live.ts';
import { useLoaded } from '../state/request.ts';
import { count, duration, figure } from '../text/format.ts';

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
  format: (value: number | undefined) => string;
}

const seconds = (value: number | undefined) => duration(value === undefined ? undefined : value * 1_000);
const perSecond = (value: number | undefined) => (value === undefined ? figure(value) : `${figure(value)}/s`);

const CHARTS: ChartPlan[] = [
  {
    title: 'Files',
    format: perSecond,
    series: [
      { id: 'notified', line: 'second' },
      { id: 'bundled', line: 'main' },
    ],
  },
  {
    title: 'Queue',
    format: count,
    series: [
      { id: 'queue-waiting', line: 'main' },
      { id: 'queue-in-flight', line: 'second' },
      { id: 'dead-letters', line: 'bad' },
    ],
  },
  { title: 'Age of the oldest message', format: seconds, series: [{ id: 'queue-oldest', line: 'main' }] },
  {
    title: 'Invocations of the aggregator',
    format: figure,
    series: [
      { id: 'invocations', line: 'main' },
      { id: 'errors', line: 'bad' },
    ],
  },
  { title: 'Duration of an invocation', format: seconds, series: [{ id: 'duration', line: 'main' }] },
  {
    title: 'Bundles that wait for the consumer',
    format: count,
    series: [{ id: 'bundles-waiting', line: 'main' }],
  },
  { title: 'Age of the oldest bundle', format: seconds, series: [{ id: 'bundles-oldest', line: 'main' }] },
];

function Charts({ history }: { history: FlowHistory }) {
  const known = new Map(history.series.map((series) => [series.id, series]));
  return (
    <div class="charts">
      {CHARTS.map(({ title, series, format }) => {
        const lines = series.flatMap(({ id, line }) => {
          const found = known.get(id);
          return found
            ? [{ label: found.label, line, values: found.values.map((value) => value ?? undefined) }]
            : [];
        });
        const main = known.get(series.find(({ line }) => line === 'main')?.id ?? 'bundled');
        if (lines.length === 0) return null;
        return (
          <Chart
            key={title}
            title={title}
            summary={main ? summaryOf(main, format) : ''}
            times={history.times}
            series={lines}
            format={format}
          />
        );
      })}
    </div>
  );
}

/** The main series of a chart in words. */
function summaryOf({ values, label }: ApiSeries, format: ChartPlan['format']): string {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return `${label}: no values in the last hour.`;
  const average = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return `${label}: average ${format(average)}, highest ${format(Math.max(...numbers))}.`;
}
