import { logDocumentOf, STANDARD_LOG_FIELDS } from '@data-aggregator/operations/log-line';
import { visible } from '@data-aggregator/terminal';
import type pc from 'picocolors';
import type { LogLine } from '../lambda/log-store.ts';

export type Colours = ReturnType<typeof pc.createColors>;

const leftOut: ReadonlySet<string> = new Set([...STANDARD_LOG_FIELDS, 'xray_trace_id']);

/**
 * Renders a log line for people: time, level, function, message, then `key=value`. Lines that are not JSON are shown
 * unchanged. Metrics are reduced to their values. START and END are omitted, because REPORT contains the same.
 *
 * @returns undefined if the line is not worth showing
 */
export function renderLine(line: LogLine, colours: Colours): string | undefined {
  const head = (level: string) => {
    const time = colours.dim(new Date(line.time).toISOString().slice(11, 23));
    return `${time} ${paint(level, colours)} ${colours.cyan(line.functionName)}`;
  };
  if (line.source === 'platform') {
    if (/^(START|END) /.test(line.text)) return undefined;
    const level = line.text.startsWith('REPORT') ? 'DEBUG' : 'ERROR';
    return `${head(level)} ${level === 'DEBUG' ? colours.dim(visible(line.text)) : visible(line.text)}`;
  }
  const document = logDocumentOf(line.text);
  if (!document) return `${head('INFO')} ${visible(line.text)}`;
  if ('_aws' in document) return `${head('METRIC')} ${metrics(document)}`;
  const fields = Object.entries(document)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${colours.dim(`${visible(name)}=`)}${shown(value)}`);
  const message = document['message'];
  const text = typeof message === 'string' ? visible(message) : shown(message);
  return [head(String(document['level'] ?? 'INFO')), text, ...fields].join(' ');
}

/** The metric values of an embedded-metric-format document; its other fields describe them. */
function metrics(document: Record<string, unknown>): string {
  return Object.entries(document)
    .filter(
      ([, value]) => typeof value === 'number' || (Array.isArray(value) && value.every(Number.isFinite)),
    )
    .map(([name, value]) => `${visible(name)}=${shown(value)}`)
    .join(' ');
}

const longest = 300;

function shown(value: unknown): string {
  const plain = typeof value === 'string' && /^[^\s="]+$/.test(value);
  const text = plain ? value : (JSON.stringify(value) ?? 'undefined');
  return visible(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

function paint(level: string, colours: Colours): string {
  const padded = visible(level).toUpperCase().padEnd(6);
  switch (level.toUpperCase()) {
    case 'ERROR':
    case 'FATAL':
    case 'CRITICAL':
      return colours.red(padded);
    case 'WARN':
      return colours.yellow(padded);
    case 'INFO':
      return colours.green(padded);
    default:
      return colours.dim(padded);
  }
}
