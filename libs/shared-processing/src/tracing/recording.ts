import { randomBytes } from 'node:crypto';
import {
  keyValues,
  nanoseconds,
  type OtlpEvent,
  type OtlpSpan,
  sanitizeText,
  spanKind,
  STATUS_ERROR,
} from './otlp.ts';
import { type Attributes, noSpan, type Span } from './span.ts';
import type { SpanReference } from './trace-header.ts';

/** The description of an invocation's first span. */
export interface RootSpan {
  name: string;
  kind: 'server' | 'consumer';
  attributes: Attributes;
  /** Spans in other traces that led to this one. */
  links: (SpanReference & { attributes: Attributes })[];
}

/*
 * X-Ray accepts 5 MB and 10,000 spans per request, and 200 KB per span:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 * A span without events has a few hundred bytes; 128 links have 25 KB.
 */
const MAX_SPANS = 1_000;
const MAX_LINKS = 128;
const MAX_EVENT_BYTES = { ofSpan: 128 * 1024, inAll: 3 * 1024 ** 2 };

/** The spans of one invocation: at most as many as one request may contain, however large the batch is. */
export interface Recording {
  readonly spans: readonly OtlpSpan[];
  run<T>(rootSpan: RootSpan, work: (span: Span) => Promise<T>): Promise<T>;
}

/** @param now ms since the epoch */
export function createRecording(parent: SpanReference, now: () => number = Date.now): Recording {
  const { traceId } = parent;
  const spans: OtlpSpan[] = [];
  let eventBytes = 0;

  async function record<T>(span: OtlpSpan, work: (span: Span) => Promise<T>): Promise<T> {
    spans.push(span);
    try {
      return await work(asSpan(span));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      span.status = { code: STATUS_ERROR, message: sanitizeText(message) };
      span.attributes.push(...keyValues({ 'error.type': name }));
      throw error;
    } finally {
      span.endTimeUnixNano = nanoseconds(now());
    }
  }

  const startSpan = (name: string, kind: number, parentSpanId: string, attributes: Attributes): OtlpSpan => {
    const time = nanoseconds(now());
    return {
      traceId,
      spanId: randomBytes(8).toString('hex'),
      parentSpanId,
      name: sanitizeText(name),
      kind,
      startTimeUnixNano: time,
      endTimeUnixNano: time,
      attributes: keyValues(attributes),
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: {},
    };
  };

  function asSpan(span: OtlpSpan): Span {
    let ownBytes = 0;
    let isFull = false;

    /** @returns whether the event fitted */
    const add = (event: OtlpEvent): boolean => {
      const bytes = Buffer.byteLength(JSON.stringify(event));
      if (ownBytes + bytes > MAX_EVENT_BYTES.ofSpan || eventBytes + bytes > MAX_EVENT_BYTES.inAll)
        return false;
      ownBytes += bytes;
      eventBytes += bytes;
      span.events.push(event);
      return true;
    };

    return {
      isRecording: true,
      set: (attributes) => void span.attributes.push(...keyValues(attributes)),
      event(name, attributes) {
        isFull ||= !add({
          timeUnixNano: nanoseconds(now()),
          name: sanitizeText(name),
          attributes: keyValues(attributes),
        });
        if (isFull) span.droppedEventsCount++;
      },
      child: (name, attributes, work) =>
        spans.length < MAX_SPANS
          ? record(startSpan(name, spanKind.internal, span.spanId, attributes), work)
          : work(noSpan),
    };
  }

  return {
    spans,
    run({ name, kind, attributes, links }, work) {
      const span = startSpan(name, spanKind[kind], parent.spanId, attributes);
      span.links = links
        .slice(0, MAX_LINKS)
        .map((link) => ({ ...link, attributes: keyValues(link.attributes) }));
      span.droppedLinksCount = links.length - span.links.length;
      return record(span, work);
    },
  };
}
