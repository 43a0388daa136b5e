export { type Attributes, noSpan, type Span } from './span.ts';
export { createTracer, type TracedInvocation, type Tracer } from './tracer.ts';
export { invocationBy } from './beginnings.ts';
export { sqsBatch } from './sqs-batch.ts';
