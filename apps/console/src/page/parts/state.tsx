import type { ComponentChildren } from 'preact';

/** How things are. Each has its own colour, its own shape and a word next to it. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'accent';

const SHAPES: Record<Tone, string> = {
  good: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13ZM5 8.2l2.2 2.2l4-4.4',
  warn: 'M8 1.8L15 14H1ZM8 6v4M8 11.6v.6',
  bad: 'M5.2 1.5h5.6L14.5 5.2v5.6l-3.7 3.7H5.2L1.5 10.8V5.2ZM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6',
  quiet: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13ZM5 8h6',
  accent: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13ZM8 4.5V8l2.4 1.6',
};

/** A circle with a tick, a triangle, an octagon, a circle with a dash, or a clock. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark tone-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

/** A state as shape and word. */
export function State({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`state tone-${tone}`}>
      <Mark tone={tone} />
      <span>{children}</span>
    </span>
  );
}

/** A message that stands out from its surroundings. */
export function Note({
  tone,
  children,
  role,
}: {
  tone: Tone;
  children: ComponentChildren;
  role?: 'alert' | 'status';
}) {
  return (
    <div class={`note tone-${tone}`} role={role}>
      <Mark tone={tone} />
      <div class="note-text">{children}</div>
    </div>
  );
}
