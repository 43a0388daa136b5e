import type { Alarm, AlarmList } from '../../api.ts';
import { FocusedHeading, Loading, Next, Problem, Prose, When } from '../parts/common.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { Runbook } from '../parts/runbook.tsx';
import { State, type Tone } from '../parts/state.tsx';
import { alarms, session } from '../state/live.ts';
import { useLoaded } from '../state/request.ts';
import { hrefHere, param } from '../state/route.ts';
import { count } from '../text/format.ts';

const LOCAL_REFRESH_MS = 2_000;
const AWS_REFRESH_MS = 60_000;

const STATES: Record<Alarm['state'], { word: string; tone: Tone }> = {
  ALARM: { word: 'In alarm', tone: 'bad' },
  OK: { word: 'OK', tone: 'good' },
  INSUFFICIENT_DATA: { word: 'No data', tone: 'quiet' },
};

/** The alarms of the templates, and one in detail: why, and what to do. */
export function AlarmsView() {
  const every = session.value?.target === 'aws' ? AWS_REFRESH_MS : LOCAL_REFRESH_MS;
  const list = useLoaded<AlarmList>('/api/alarms', every);
  return (
    <>
      {list.error && <Problem error={list.error} retry={list.reload} />}
      {!list.data && !list.error && <Loading what="alarms" />}
      {list.data && <List list={list.data} />}
    </>
  );
}

function List({ list }: { list: AlarmList }) {
  const counts = alarms.value ?? list.counts;
  const chosen = chosenOf(list.alarms);
  return (
    <>
      <p class="counts">
        <State tone={counts.alarm > 0 ? 'bad' : 'good'}>{count(counts.alarm)} in alarm</State>
        <State tone="good">{count(counts.ok)} OK</State>
        <State tone="quiet">{count(counts.insufficientData)} without data</State>
      </p>
      <div class={param('alarm') === '' && param('runbook') === '' ? 'split' : 'split has-detail'}>
        <section class="split-list" aria-label="All alarms">
          <ul class="alarm-list">
            {list.alarms.map((alarm) => {
              const { word, tone } = STATES[alarm.state];
              return (
                <li key={alarm.name}>
                  <a
                    href={hrefHere({ alarm: alarm.id, runbook: undefined })}
                    aria-current={alarm === chosen ? 'true' : undefined}
                  >
                    <span class="alarm-name">{alarm.id}</span>
                    <State tone={tone}>{word}</State>
                    {alarm.state === 'ALARM' && (
                      <span class="alarm-meaning quiet">
                        <Prose text={alarm.meaning} />
                      </span>
                    )}
                  </a>
                </li>
              );
            })}
          </ul>
        </section>
        {chosen ? (
          <AlarmPanel key={chosen.name} alarm={chosen} />
        ) : (
          <div class="split-detail split-empty quiet">
            {param('runbook') === '' ? (
              <p>Choose an alarm to see its reason and the section of the runbook.</p>
            ) : (
              <p>
                Read the section <Foreign text={param('runbook')} /> of <code>docs/runbook.md</code>. No alarm
                leads to it.
              </p>
            )}
          </div>
        )}
      </div>
    </>
  );
}

/** The alarm in the address; or one with the runbook's section in the address; or the first that is in alarm. */
function chosenOf(all: readonly Alarm[]): Alarm | undefined {
  const [id, section] = [param('alarm'), param('runbook')];
  if (id !== '') return all.find((alarm) => alarm.id === id);
  if (section !== '') return all.find((alarm) => alarm.runbook?.id === section);
  return all.find((alarm) => alarm.state === 'ALARM');
}

function AlarmPanel({ alarm }: { alarm: Alarm }) {
  const { word, tone } = STATES[alarm.state];
  return (
    <section class="split-detail" aria-label="Alarm">
      <p class="back">
        <a href={hrefHere({ alarm: undefined, runbook: undefined })}>All alarms</a>
      </p>
      {param('alarm') === '' ? (
        <h2>{alarm.id}</h2>
      ) : (
        <FocusedHeading subject={alarm.id}>{alarm.id}</FocusedHeading>
      )}
      <div class="panel">
        <p class="alarm-state">
          <State tone={tone}>{word}</State> <span class="quiet">since</span> <When at={alarm.since} />
        </p>
        <p>
          <Prose text={alarm.meaning} />
        </p>
        {alarm.reason !== '' && (
          <p>
            <span class="quiet">{alarm.kind === 'composite' ? 'Rule: ' : 'Reason: '}</span>
            <Foreign text={alarm.reason} prose />
          </p>
        )}
        {alarm.next.length > 0 && (
          <ul class="next-steps" aria-label="Find the cause">
            {alarm.next.map((step) => (
              <li key={step.label}>
                <Next step={step} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {alarm.runbook && <Runbook section={alarm.runbook} />}
    </section>
  );
}
