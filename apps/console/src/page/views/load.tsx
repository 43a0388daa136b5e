import { useState } from 'preact/hooks';
import type { Change, Load, LoadAction, LoadRun } from '../../api.ts';
import { ChangeDialog } from '../parts/change.tsx';
import { Loading, Problem, When } from '../parts/common.tsx';
import { Diagram } from '../parts/diagram.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { Note, State, type Tone } from '../parts/state.tsx';
import { flow, load, session } from '../state/live.ts';
import { useLoaded } from '../state/request.ts';
import { duration } from '../text/format.ts';

/** Load and faults for the embedded cloud, with the pipeline next to them. */
export function LoadView() {
  const [change, setChange] = useState<Change>();
  const loaded = useLoaded<Load>(load.value ? undefined : '/api/load');
  const shown = load.value ?? loaded.data;
  if (session.value && !session.value.hasLoad) {
    return <p>Load and faults can be started in the embedded cloud only.</p>;
  }
  return (
    <>
      {loaded.error && !shown && <Problem error={loaded.error} retry={loaded.reload} />}
      {!shown && !loaded.error && <Loading what="actions" />}
      {shown && (
        <>
          <ul class="actions" aria-label="Actions">
            {shown.actions.map((action) => (
              <Action key={action.name} action={action} onChange={setChange} />
            ))}
          </ul>
          <Runs load={shown} />
        </>
      )}
      <section class="section" aria-labelledby="load-flow">
        <h2 id="load-flow">Flow</h2>
        {flow.value && (
          <>
            <Note tone={flow.value.bottleneck.stage === undefined ? 'good' : 'warn'}>
              <p>{flow.value.bottleneck.sentence}</p>
            </Note>
            <Diagram shown={flow.value} />
          </>
        )}
      </section>
      {change && <ChangeDialog change={change} onClose={() => setChange(undefined)} />}
    </>
  );
}

function Action({ action, onChange }: { action: LoadAction; onChange: (change: Change) => void }) {
  const { name, title, description, amount, choices } = action;
  const [value, setValue] = useState(amount?.default);
  const [choice, setChoice] = useState(choices?.[0]?.value);
  const id = `amount-${name}`;
  const chosen = choices?.find((one) => one.value === choice);
  return (
    <li>
      <form
        class="panel action"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({
            kind: 'load',
            action: name,
            ...(value !== undefined && { amount: value }),
            ...(choice !== undefined && { choice }),
          });
        }}
      >
        <h2>{title}</h2>
        <p>{description}</p>
        {chosen && <p class="quiet">{chosen.description}</p>}
        <p class="buttons">
          {choices && (
            <>
              <label for={id}>Scenario</label>
              <select id={id} value={choice} onChange={(event) => setChoice(event.currentTarget.value)}>
                {choices.map((one) => (
                  <option key={one.value} value={one.value}>
                    {one.value}
                  </option>
                ))}
              </select>
            </>
          )}
          {amount && (
            <>
              <label for={id}>{amount.label}</label>
              <input
                id={id}
                type="number"
                required
                min={amount.min}
                max={amount.max}
                value={value}
                onInput={(event) => setValue(event.currentTarget.valueAsNumber)}
              />
              <span class="quiet">{amount.unit}</span>
            </>
          )}
          <button type="submit">Start …</button>
        </p>
      </form>
    </li>
  );
}

const STATES: Record<LoadRun['state'], { word: string; tone: Tone }> = {
  running: { word: 'Running', tone: 'accent' },
  done: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
};

function Runs({ load: { runs, actions } }: { load: Load }) {
  return (
    <section class="section" aria-labelledby="runs">
      <h2 id="runs">Started</h2>
      {runs.length === 0 && <p class="quiet">Nothing has been started yet.</p>}
      <ol class="runs">
        {runs.map((run) => {
          const { word, tone } = STATES[run.state];
          const title = actions.find(({ name }) => name === run.action)?.title ?? run.action;
          return (
            <li key={run.id} class="run">
              <State tone={tone}>{word}</State>
              <b>{title}</b>
              <progress value={run.progress} max={1} aria-label={`Progress of “${title}”`} />
              <span>
                <Foreign text={run.sentence} prose />
              </span>
              <span class="quiet">
                <When at={run.startedAt} />
                {run.endedAt !== undefined && `, took ${duration(run.endedAt - run.startedAt)}`}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
