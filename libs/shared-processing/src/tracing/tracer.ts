import type { EventLog } from '../observability/index.ts';
import { createSignedCaller, createSigner, createTransport, type SignedCaller } from '../aws-http/index.ts';
import type { OtlpSpan } from './otlp.ts';
import { type RootSpan, createRecording } from './recording.ts';
import { resourceAttributes } from './resource.ts';
import { sendSpans } from './send-spans.ts';
import { noSpan, type Span } from './span.ts';
import { readTraceHeader } from './trace-header.ts';

/** What a tracer needs to know of an invocation: a part of Lambda's context. */
export interface TracedInvocation {
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export interface Tracer {
  /**
   * Does an invocation's work as a span, and sends what was recorded before it ends. That may fail, and tells the log;
   * the work's own result or error stays as it is.
   *
   * @param rootSpan is asked only where somebody will see it
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

/** Milliseconds for sending, and those that stay for the answer of the invocation. */
const SENDING_MS = 1_000;
const RESERVE_MS = 200;

/**
 * The tracer of a function: off, at no cost, unless `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says where to send spans. An invocation
 * that Lambda samples then becomes part of Lambda's trace; others are not recorded.
 */
export function createTracer(log: EventLog, env: NodeJS.ProcessEnv = process.env): Tracer {
  const address = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (!address) return off;
  const parsed = URL.parse(address);
  if (!parsed) {
    log.warn('traces.off', { detail: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no URL' });
    return off;
  }
  const endpoint = parsed;
  const resource = resourceAttributes(env);
  let call: SignedCaller | undefined;
  let isColdStart = true;

  async function send(spans: readonly OtlpSpan[], msLeft: number): Promise<void> {
    try {
      if (msLeft <= 0) throw new Error('no time was left to send');
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
      // Lambda's runtime sets it anew for each invocation.
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
