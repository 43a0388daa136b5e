export { createLogger } from './logger.ts';
export { createMetrics, METRICS_NAMESPACE } from './metrics.ts';
export type { EventLog, Fields, FunctionLog, FunctionMetrics, Metrics } from './types.ts';
