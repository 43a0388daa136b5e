export { type Attributes, noSpan, type Span } from './span.ts';
export { createTracer, type TracedInvocation, type Tracer } from './tracer.ts';
export { invocationSpan } from './root-span.ts';
export { sqsBatchSpan } from './sqs-batch-span.ts';
