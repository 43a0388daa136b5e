/** What a function answered. */
export interface Answer {
  isError: boolean;
  /** JSON: the result, or the error document. */
  payload: string;
}

/** An answer as it is shown: JSON on several lines where it is JSON. */
export function answerText({ payload }: Answer): string {
  if (payload === '') return '';
  return `${JSON.stringify(JSON.parse(payload), null, 2)}\n`;
}
