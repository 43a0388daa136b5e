/**
 * Attributes of a span or event, named by OpenTelemetry's semantic conventions where possible. Undefined values are omitted.
 * Untrusted text is allowed: it is sanitised.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A unit of work in a trace, while it runs. */
export interface Span {
  /** Whether the span is recorded. If not, callers need not compute attributes. */
  readonly isRecording: boolean;
  set(attributes: Attributes): void;
  /** Records an event now. Events beyond the limit are counted and dropped. */
  event(name: string, attributes: Attributes): void;
  /** Does work as a child span. An error marks the child, and is rethrown. */
  child<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T>;
}

const nothing = () => undefined;

/** A span that is not recorded, and costs nothing. */
export const noSpan: Span = {
  isRecording: false,
  set: nothing,
  event: nothing,
  child: (_name, _attributes, work) => work(noSpan),
};
