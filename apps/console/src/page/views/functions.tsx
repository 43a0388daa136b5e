import { useState } from 'preact/hooks';
import type { FunctionList, FunctionReport, LogEvent, LogPage } from '../../api.ts';
import { Chart } from '../parts/chart.tsx';
import { Loading, LoadMore, Problem, SearchForm } from '../parts/common.tsx';
import { LogLines } from '../parts/log-lines.tsx';
import { State } from '../parts/state.tsx';
import { apiPath } from '../state/address.ts';
import { session } from '../state/live.ts';
import { get, useLoaded, usePages } from '../state/request.ts';
import { hrefHere, param, setParams } from '../state/route.ts';
import { count, counted, duration } from '../text/format.ts';

const LOCAL_REFRESH_MS = 5_000;
const AWS_REFRESH_MS = 60_000;

/** The functions in the last hour, and the log of one. */
export function FunctionsView() {
  const every = session.value?.target === 'aws' ? AWS_REFRESH_MS : LOCAL_REFRESH_MS;
  const list = useLoaded<FunctionList>('/api/functions', every);
  const functions = list.data?.functions ?? [];
  const chosen = functions.find(({ name }) => name === param('function')) ?? functions[0];
  return (
    <>
      {list.error && <Problem error={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Loading what="functions" />}
      {list.data && <Table functions={functions} chosen={chosen} />}
      {list.data && chosen && <Charts list={list.data} report={chosen} />}
      {chosen && <Log name={chosen.name} />}
    </>
  );
}

const COLUMNS = ['Invocations', 'Errors', 'Throttles', 'Average', 'p95', 'Longest', 'Memory'] as const;

function Table({
  functions,
  chosen,
}: {
  functions: readonly FunctionReport[];
  chosen: FunctionReport | undefined;
}) {
  return (
    <table class="functions stacking">
      <caption class="quiet">Last hour. The limits are those of the templates.</caption>
      <thead>
        <tr>
          <th scope="col">Function</th>
          {COLUMNS.map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {functions.map((report) => (
          <tr key={report.name} class={report === chosen ? 'is-chosen' : undefined}>
            <th scope="row">
              <a
                href={hrefHere({ function: report.name })}
                aria-current={report === chosen ? 'true' : undefined}
              >
                {report.name}
              </a>
            </th>
            <Cell name="Invocations">{count(report.invocations)}</Cell>
            <Cell name="Errors">
              {report.errors > 0 ? <State tone="bad">{count(report.errors)}</State> : count(report.errors)}
            </Cell>
            <Cell name="Throttles">
              {report.throttles > 0 ? (
                <State tone="warn">{count(report.throttles)}</State>
              ) : (
                count(report.throttles)
              )}
            </Cell>
            <Cell name="Average">{duration(report.averageMs)}</Cell>
            <Cell name="p95">{duration(report.p95Ms)}</Cell>
            <Cell name="Longest">
              <Of value={report.maxMs} limit={report.timeoutSeconds * 1_000} format={duration} />
            </Cell>
            <Cell name="Memory">
              <Of
                value={report.maxMemoryMb}
                limit={report.memoryMb}
                format={(value) => `${count(value)} MB`}
              />
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A cell that carries its column's name, for screens where the rows become cards. */
function Cell({ name, children }: { name: (typeof COLUMNS)[number]; children: preact.ComponentChildren }) {
  return (
    <td class="number" data-name={name}>
      <span>{children}</span>
    </td>
  );
}

/** A value and its limit. */
function Of({
  value,
  limit,
  format,
}: {
  value: number | undefined;
  limit: number;
  format: (value: number) => string;
}) {
  if (value === undefined) return <span class="quiet">–</span>;
  return (
    <>
      {format(value)} <span class="quiet">of {format(limit)}</span>
    </>
  );
}

function Charts({ list: { times }, report }: { list: FunctionList; report: FunctionReport }) {
  const { invocations, errors, maxMs } = report.series;
  return (
    <section class="section" aria-label={`Charts of ${report.name}`}>
      <div class="charts">
        <Chart
          title={`Invocations of ${report.name}`}
          summary={`${counted(report.invocations, 'invocation')} and ${counted(report.errors, 'error')} in the last hour.`}
          times={times}
          format={count}
          series={[
            { label: 'Invocations', values: invocations, line: 'main' },
            { label: 'Errors', values: errors, line: 'bad' },
          ]}
        />
        <Chart
          title={`Longest invocation of ${report.name}`}
          summary={`It is killed after ${duration(report.timeoutSeconds * 1_000)}.`}
          times={times}
          format={duration}
          series={[{ label: 'Longest', values: maxMs, line: 'main' }]}
        />
      </div>
    </section>
  );
}

const RANGES = { '15': '15 minutes', '60': '1 hour', '360': '6 hours', '1440': '1 day' } as const;
const PAGE_OF_LINES = 200;

function Log({ name }: { name: string }) {
  const pattern = param('pattern');
  const minutes = param('minutes') in RANGES ? param('minutes') : '60';
  const [asked, setAsked] = useState(() => Date.now());
  const pages = usePages<LogEvent>(
    `${name}\n${pattern}\n${minutes}\n${asked}`,
    async (after, signal) => {
      const query = {
        function: name,
        pattern: pattern || undefined,
        from: asked - Number(minutes) * 60_000,
        to: asked,
        after,
      };
      const page = await get<LogPage>(apiPath('/api/logs', query), signal);
      return { items: page.events, next: page.next };
    },
    PAGE_OF_LINES,
  );
  const search = (text: string, period: string) => {
    setParams({ pattern: text, minutes: period });
    setAsked(Date.now());
  };
  return (
    <section class="section" aria-labelledby="log-title">
      <h2 id="log-title">Log of {name}</h2>
      <SearchForm
        id="log-pattern"
        label="Text in the line, or a CloudWatch filter pattern"
        placeholder="ERROR"
        initial={pattern}
        button="Search"
        onSearch={(text) => search(text, minutes)}
        fields={(text) => (
          <>
            <label class="visually-hidden" for="log-minutes">
              Period
            </label>
            <select
              id="log-minutes"
              value={minutes}
              onChange={(event) => search(text, event.currentTarget.value)}
            >
              {Object.entries(RANGES).map(([value, label]) => (
                <option key={value} value={value}>
                  last {label}
                </option>
              ))}
            </select>
          </>
        )}
      />
      {pages.error && <Problem error={pages.error} retry={pages.reload} />}
      <p class="quiet" role="status">
        {pages.isLoading
          ? 'Searching …'
          : `${counted(pages.items.length, 'line')}${pages.hasMore ? ', and there are more' : ''}`}
      </p>
      {pages.items.length > 0 && <LogLines events={pages.items} />}
      <LoadMore pages={pages} />
    </section>
  );
}
