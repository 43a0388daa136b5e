import type { LogEvent } from '../../api.ts';
import { now } from '../state/clock.ts';
import { instant } from '../text/format.ts';
import { Foreign } from './foreign.tsx';
import type { Tone } from './state.tsx';

/** Log lines, oldest first. Fields open on demand. */
export function LogLines({
  events,
  hasFunction = false,
}: {
  events: readonly LogEvent[];
  hasFunction?: boolean;
}) {
  return (
    <ol class="log" aria-label="Log lines, oldest first">
      {events.map((event, index) => (
        <li key={index} class="log-line">
          <time dateTime={new Date(event.at).toISOString()} title={new Date(event.at).toISOString()}>
            {instant(event.at, now.peek())}
          </time>
          <span class={`log-level tone-${toneOf(event.level)}`}>
            <Foreign text={event.level} />
          </span>
          {hasFunction && <span class="quiet">{event.function}</span>}
          <span class="log-text">
            <Foreign text={event.message} />
            {event.fields !== '' && (
              <details class="log-fields">
                <summary>
                  <Foreign text={event.fields} whole={false} />
                </summary>
                <pre>
                  <Foreign text={pretty(event.fields)} keepLines />
                </pre>
              </details>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function toneOf(level: string): Tone {
  if (/^(ERROR|FATAL|CRITICAL)$/i.test(level)) return 'bad';
  return /^WARN/i.test(level) ? 'warn' : 'quiet';
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // A line that was cut off is shown as it is.
    return json;
  }
}
