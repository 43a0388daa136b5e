import * as v from 'valibot';

export type SpanAttributes = Readonly<Record<string, unknown>>;

/** A span sent by a function. Times are milliseconds since 1970. */
export interface ReceivedSpan {
  /** The resource's `service.name`. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly {
    readonly name: string;
    readonly time: number;
    readonly attributes: SpanAttributes;
  }[];
  readonly eventsLeftOut: number;
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: SpanAttributes;
  }[];
  /** The reason, if it failed. */
  readonly error: string | undefined;
}

const scalar = v.variant('kind', [
  v.object({ kind: v.literal('stringValue'), value: v.string() }),
  v.object({ kind: v.literal('boolValue'), value: v.boolean() }),
  v.object({
    kind: v.literal('intValue'),
    value: v.pipe(v.string(), v.regex(/^-?\d+$/), v.transform(Number)),
  }),
  v.object({ kind: v.literal('doubleValue'), value: v.number() }),
  v.object({ kind: v.literal('arrayValue'), value: v.unknown() }),
]);
/** `{ "stringValue": "a" }`: one field, named after the type. */
const anyValue = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((value) => Object.keys(value).length === 1, 'a value has one type'),
  v.transform((value) => {
    const [[kind, content] = []] = Object.entries(value);
    return { kind, value: content };
  }),
  scalar,
  v.transform(({ value }) => value),
);
const attributes = v.pipe(
  v.optional(v.array(v.strictObject({ key: v.string(), value: anyValue })), []),
  v.transform((pairs): SpanAttributes => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))),
);

const traceId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const spanId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const nanoseconds = v.pipe(
  v.string(),
  v.regex(/^\d{19}$/),
  v.transform((text) => Number(BigInt(text) / 1_000_000n)),
);

const MAX_SPAN_BYTES = 200_000;
const MAX_SPANS = 10_000;

const span = v.pipe(
  v.unknown(),
  v.check((sent) => Buffer.byteLength(JSON.stringify(sent)) <= MAX_SPAN_BYTES, 'a span has at most 200 KB'),
  v.strictObject({
    traceId,
    spanId,
    parentSpanId: v.optional(spanId, ''),
    name: v.string(),
    kind: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5)),
    startTimeUnixNano: nanoseconds,
    endTimeUnixNano: nanoseconds,
    attributes,
    events: v.optional(
      v.array(v.strictObject({ timeUnixNano: nanoseconds, name: v.string(), attributes })),
      [],
    ),
    droppedEventsCount: v.optional(v.number(), 0),
    links: v.optional(v.array(v.strictObject({ traceId, spanId, attributes })), []),
    droppedLinksCount: v.optional(v.number(), 0),
    status: v.optional(v.strictObject({ code: v.optional(v.number()), message: v.optional(v.string()) }), {}),
  }),
);

const request = v.strictObject({
  resourceSpans: v.array(
    v.strictObject({
      resource: v.strictObject({ attributes }),
      scopeSpans: v.array(
        v.strictObject({ scope: v.strictObject({ name: v.string() }), spans: v.array(span) }),
      ),
    }),
  ),
});

/**
 * Reads an OTLP request in JSON, as far as our functions use it, within the limits of X-Ray's endpoint.
 *
 * @throws ValiError, SyntaxError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 */
export function readSpans(body: string): ReceivedSpan[] {
  const { resourceSpans } = v.parse(request, JSON.parse(body));
  const spans = resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans).map((sent) => received(sent, resource.attributes)),
  );
  if (spans.length > MAX_SPANS) throw new SyntaxError(`a request may contain at most ${MAX_SPANS} spans`);
  return spans;
}

function received(sent: v.InferOutput<typeof span>, resource: SpanAttributes): ReceivedSpan {
  const { startTimeUnixNano, endTimeUnixNano, droppedEventsCount, status, events, ...rest } = sent;
  return {
    service: String(resource['service.name']),
    traceId: rest.traceId,
    spanId: rest.spanId,
    parentSpanId: rest.parentSpanId,
    name: rest.name,
    start: startTimeUnixNano,
    end: endTimeUnixNano,
    attributes: rest.attributes,
    events: events.map(({ timeUnixNano, ...event }) => ({ ...event, time: timeUnixNano })),
    eventsLeftOut: droppedEventsCount,
    links: rest.links,
    error: status.code === 2 ? (status.message ?? '') : undefined,
  };
}
