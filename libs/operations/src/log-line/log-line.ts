/** Fields that are the same in every log line of a function, or that people see elsewhere: level, time and message. */
export const STANDARD_LOG_FIELDS: ReadonlySet<string> = new Set([
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'level',
  'message',
  'requestId',
  'sampling_rate',
  'service',
  'timestamp',
]);

/** The document of a log line in JSON. @returns undefined for text */
export function logDocumentOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // The line starts like a document but is not one.
  }
}
