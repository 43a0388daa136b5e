export { createLogger, type EventLog, type Fields, type FunctionLog } from './logger.ts';
export { createMetrics, type FunctionMetrics, type Metrics, METRICS_NAMESPACE } from './metrics.ts';
