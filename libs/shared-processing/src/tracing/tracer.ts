import type { EventLog } from '../observability/index.ts';
import { createSignedCaller, createSigner, createTransport, type SignedCaller } from '../aws-http/index.ts';
import type { OtlpSpan } from './otlp.ts';
import { type RootSpan, createRecording } from './recording.ts';
import { resourceAttributes } from './resource.ts';
import { sendSpans } from './send-spans.ts';
import { noSpan, type Span } from './span.ts';
import { readTraceHeader } from './trace-header.ts';

/** The part of Lambda's context that a tracer uses. */
export interface TracedInvocation {
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export interface Tracer {
  /**
   * Runs an invocation's work as a span, and sends the recorded spans before it returns. A failure to send is logged, and
   * does not change the result or error of the work.
   *
   * @param rootSpan is called only if the span is recorded
   */
  invocation<T>(
    invocation: TracedInvocation,
    rootSpan: () => RootSpan,
    work: (span: Span) => Promise<T>,
  ): Promise<T>;
}

const off: Tracer = { invocation: (_invocation, _beginning, work) => work(noSpan) };

/** X-Ray's OTLP endpoint accepts requests that are signed for this service. */
const SIGNING_SERVICE = 'xray';

/** Milliseconds for sending, and milliseconds reserved for the invocation's response. */
const SENDING_MS = 1_000;
const RESERVE_MS = 200;

/**
 * Creates the tracer of a function. It is off and costs nothing unless `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set. Invocations
 * that Lambda samples become part of Lambda's trace; others are not recorded.
 */
export function createTracer(log: EventLog, env: NodeJS.ProcessEnv = process.env): Tracer {
  const address = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (!address) return off;
  const parsed = URL.parse(address);
  if (!parsed) {
    log.warn('traces.off', { detail: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL' });
    return off;
  }
  const endpoint = parsed;
  const resource = resourceAttributes(env);
  let call: SignedCaller | undefined;
  let isColdStart = true;

  async function send(spans: readonly OtlpSpan[], msLeft: number): Promise<void> {
    try {
      if (msLeft <= 0) throw new Error('no time left to send spans');
      call ??= createSignedCaller(
        createSigner(SIGNING_SERVICE),
        createTransport({ maxSockets: 1, connectionTimeoutMs: SENDING_MS, stalledAfterMs: SENDING_MS }),
      );
      const signal = AbortSignal.timeout(Math.min(SENDING_MS, Math.floor(msLeft)));
      await sendSpans(endpoint, resource, spans, call, signal);
    } catch (error) {
      log.warn('trace.unsent', { spans: spans.length, error });
    }
  }

  return {
    async invocation(invocation, rootSpan, work) {
      const faas = { 'faas.invocation_id': invocation.awsRequestId, 'faas.coldstart': isColdStart };
      isColdStart = false;
      // Lambda's runtime sets it for each invocation.
      const parent = readTraceHeader(env['_X_AMZN_TRACE_ID']);
      if (!parent?.isSampled) return work(noSpan);
      const recording = createRecording(parent);
      const { attributes, ...first } = rootSpan();
      try {
        return await recording.run({ ...first, attributes: { ...faas, ...attributes } }, work);
      } finally {
        await send(recording.spans, invocation.getRemainingTimeInMillis() - RESERVE_MS);
      }
    },
  };
}
