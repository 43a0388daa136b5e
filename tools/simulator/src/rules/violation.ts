/** A broken rule and the evidence. */
export interface Violation {
  rule: string;
  detail: string;
}
