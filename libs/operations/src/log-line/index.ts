export { logDocumentOf, STANDARD_LOG_FIELDS } from './log-line.ts';
