export { invocationSpan, sqsBatchSpan } from './root-spans.ts';
export { type Attributes, noSpan, type Span } from './span.ts';
export { createTracer, type TracedInvocation, type Tracer } from './tracer.ts';
