import type { ReceivedSpan, SpanAttributes } from './received-span.ts';

const KEY = 'aws.s3.key';
const MAX_TRACES = 20;

/**
 * Renders a file's traces, newest first, each as a tree of spans. Events of other files are only counted.
 *
 * @param key of the file; without it, the latest traces
 */
export function renderTraces(spans: readonly ReceivedSpan[], key: string | undefined): string {
  const isAbout = ({ attributes }: { attributes: SpanAttributes }) => attributes[KEY] === key;
  const found = spans.filter(({ events }) => key === undefined || events.some(isAbout));
  const traces = [...new Set(found.map(({ traceId }) => traceId))].reverse().slice(0, MAX_TRACES);
  if (traces.length === 0) {
    return key === undefined
      ? 'No traces. Only environments with "tracing" send them.\n'
      : `No trace contains ${JSON.stringify(key)}. The key must match exactly; only the latest traces are searched.\n`;
  }
  return traces
    .map((traceId) =>
      renderTrace(
        traceId,
        spans.filter((span) => span.traceId === traceId),
        key,
      ),
    )
    .join('\n');
}

function renderTrace(traceId: string, spans: readonly ReceivedSpan[], key: string | undefined): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lines = [`trace 1-${traceId.slice(0, 8)}-${traceId.slice(8)}`];

  function add(span: ReceivedSpan, depth: number): void {
    const indent = '  '.repeat(depth);
    const failed = span.error === undefined ? '' : ` FAILED ${JSON.stringify(span.error)}`;
    lines.push(
      `${indent}${shown(span.name)}  ${span.end - span.start} ms${failed}${inWords(span.attributes)}`,
    );
    for (const link of span.links) {
      lines.push(
        `${indent}  ← trace 1-${link.traceId.slice(0, 8)}-${link.traceId.slice(8)}${inWords(link.attributes)}`,
      );
    }
    const about = span.events.filter(({ attributes }) => key === undefined || attributes[KEY] === key);
    for (const { name, time, attributes } of about) {
      lines.push(`${indent}  · +${time - span.start} ms ${shown(name)}${inWords(attributes)}`);
    }
    const others = span.events.length - about.length + span.eventsLeftOut;
    if (others > 0) lines.push(`${indent}  · ${others} more`);
    for (const child of spans) if (child.parentSpanId === span.spanId) add(child, depth + 1);
  }

  for (const span of spans) if (!ids.has(span.parentSpanId)) add(span, 1);
  return `${lines.join('\n')}\n`;
}

function inWords(attributes: SpanAttributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${shown(name)}=${JSON.stringify(value)}`)
    .join('');
}

/** A name that is safe to show in a terminal. */
function shown(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}
