/**
 * What is told of a span or an event, by the names of OpenTelemetry's semantic conventions where they have one. What is
 * undefined is left out; text from outside may be given as it is.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A piece of work in a trace, while it lasts. */
export interface Span {
  /** Whether anybody will see it: what is told to one that nobody sees need not be put together. */
  readonly isRecording: boolean;
  set(attributes: Attributes): void;
  /** Something that happened now. Beyond what a span may hold, events are counted and left out. */
  event(name: string, attributes: Attributes): void;
  /** Does work as a part of this one. An error marks the part, and is thrown on. */
  child<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T>;
}

const nothing = () => undefined;

/** A span that nobody sees, and that costs nothing. */
export const noSpan: Span = {
  isRecording: false,
  set: nothing,
  event: nothing,
  child: (_name, _attributes, work) => work(noSpan),
};
