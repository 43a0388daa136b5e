/** A span in some trace, by OpenTelemetry's ids: lower-case hexadecimal digits, 32 of the trace and 16 of the span. */
export interface SpanReference {
  traceId: string;
  spanId: string;
}

/**
 * Reads `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, as X-Ray writes it into
 * `_X_AMZN_TRACE_ID` and into the attribute AWSTraceHeader of a message. A trace's id there is OpenTelemetry's with
 * hyphens.
 *
 * @returns undefined for what is no such header, or names no span
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function readTraceHeader(
  header: string | undefined,
): (SpanReference & { isSampled: boolean }) | undefined {
  const fields = new Map<string, string>();
  for (const field of header?.slice(0, MAX_CHARACTERS).split(';') ?? []) {
    const [name = '', value = ''] = field.trim().split('=');
    fields.set(name, value);
  }
  const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(fields.get('Root') ?? '');
  const spanId = /^[0-9a-f]{16}$/.exec(fields.get('Parent') ?? '')?.[0];
  if (!root || spanId === undefined) return undefined;
  return { traceId: `${root[1]}${root[2]}`, spanId, isSampled: fields.get('Sampled') === '1' };
}

/** A header comes with a message from outside; ours have about 100. */
const MAX_CHARACTERS = 1_000;
