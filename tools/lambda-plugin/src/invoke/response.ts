/** A function's response. */
export interface FunctionResponse {
  isError: boolean;
  /** The result or the error, as JSON. */
  payload: string;
}

/** A response for display: indented JSON, or nothing if it is empty. */
export function responseText({ payload }: FunctionResponse): string {
  if (payload === '') return '';
  return `${JSON.stringify(JSON.parse(payload), null, 2)}\n`;
}
