/** A span in a trace, by OpenTelemetry's ids in lower-case hex: 32 digits for the trace, 16 for the span. */
export interface SpanReference {
  traceId: string;
  spanId: string;
}

/**
 * Parses `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, X-Ray's format in `_X_AMZN_TRACE_ID`
 * and in the message attribute AWSTraceHeader. Its trace id is OpenTelemetry's with hyphens.
 *
 * @returns undefined if the header is invalid or names no span
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

/** Limits the work on a header, which may come from outside; valid ones have about 100 characters. */
const MAX_CHARACTERS = 1_000;
