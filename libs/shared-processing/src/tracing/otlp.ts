import type { Attributes } from './span.ts';

/*
 * OTLP in JSON: ids are hexadecimal, 64-bit integers are text, times are nanoseconds since the epoch.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

export interface KeyValue {
  key: string;
  value: AnyValue;
}

export type AnyValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: AnyValue[] } };

export interface OtlpEvent {
  timeUnixNano: string;
  name: string;
  attributes: KeyValue[];
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  events: OtlpEvent[];
  droppedEventsCount: number;
  links: { traceId: string; spanId: string; attributes: KeyValue[] }[];
  droppedLinksCount: number;
  status: { code?: number; message?: string };
}

export const spanKind = { internal: 1, server: 2, consumer: 5 } as const;

export const STATUS_ERROR = 2;

/** S3's longest key has 1,024 bytes, so no key is cut. */
const MAX_CHARACTERS = 1_024;

/** Control characters, line separators and direction marks. */
// eslint-disable-next-line no-control-regex -- exactly these are meant
const UNSAFE_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Limits the length of text, and replaces characters that could mislead a reader. */
export function sanitizeText(text: string): string {
  return text.slice(0, MAX_CHARACTERS).toWellFormed().replaceAll(UNSAFE_CHARACTERS, '\ufffd');
}

export function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number | boolean): AnyValue {
  if (typeof value === 'string') return { stringValue: sanitizeText(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** @param ms since the epoch, whole */
export function nanoseconds(ms: number): string {
  return `${ms}000000`;
}
