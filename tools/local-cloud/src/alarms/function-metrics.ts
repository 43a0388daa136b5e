import type { FunctionModel } from '../assembly/model.ts';
import type { LogLine } from '../lambda/log-store.ts';
import { type Measurement, measurementsOf } from './emf.ts';
import { select } from './filter-pattern.ts';
import type { MetricFilterModel } from './model.ts';

/** Metrics derived from a function's log line: embedded metrics, metric filters, and Lambda's own metrics. */
export function functionMetrics(
  functions: readonly FunctionModel[],
  filters: readonly MetricFilterModel[],
): (line: LogLine) => Measurement[] {
  const groups = new Map(functions.map(({ name, logGroup }) => [name, logGroup]));
  /** Failed requests whose report has not arrived yet. */
  const failed = new Map<string, 'error' | 'timeout'>();

  function filtered(functionName: string, document: unknown): Measurement[] {
    const group = groups.get(functionName);
    return filters
      .filter(({ logGroup, pattern }) => logGroup === group && pattern(document))
      .flatMap(({ metric, value }) => {
        const found = typeof value === 'number' ? value : select(document, value);
        return typeof found === 'number' ? [{ metric, value: found }] : [];
      });
  }

  function ofLambda({ functionName, requestId = '', text }: LogLine): Measurement[] {
    if (text.startsWith('Invoke Error ')) {
      failed.set(requestId, text.includes('"Sandbox.Timedout"') ? 'timeout' : 'error');
    }
    const report = reportOf(text, failed.get(requestId) ?? 'success');
    if (!report) return [];
    failed.delete(requestId);
    const { status, metrics } = report.record;
    const own = {
      Invocations: 1,
      Errors: status === 'success' ? 0 : 1,
      // Only reserved concurrency causes throttling, and then Lambda writes no line.
      Throttles: 0,
      Duration: metrics.durationMs,
    };
    const dimensions = { FunctionName: functionName };
    return [
      ...Object.entries(own).map(([name, value]) => ({
        metric: { namespace: 'AWS/Lambda', name, dimensions },
        value,
      })),
      ...filtered(functionName, report),
    ];
  }

  return (line) => {
    if (line.source === 'platform') return ofLambda(line);
    const document = documentOf(line.text);
    return document === undefined
      ? []
      : [...measurementsOf(document), ...filtered(line.functionName, document)];
  };
}

const REPORT =
  /^REPORT RequestId: (\S+) Duration: ([\d.]+) ms Memory Size: (\d+) MB(?: Max Memory Used: (\d+) MB)?$/;

/** An invocation's report, as Lambda writes it with the JSON log format. */
function reportOf(text: string, status: 'success' | 'error' | 'timeout') {
  const [, requestId, duration, size, used] = REPORT.exec(text) ?? [];
  if (requestId === undefined) return undefined;
  const metrics = {
    durationMs: Number(duration),
    memorySizeMB: Number(size),
    ...(used !== undefined && { maxMemoryUsedMB: Number(used) }),
  };
  return { type: 'platform.report', record: { requestId, status, metrics } };
}

function documentOf(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The line starts like a document but is not one.
  }
}
