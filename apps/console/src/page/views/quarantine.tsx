import { useState } from 'preact/hooks';
import type { Change, Quarantine, QuarantineCase, QuarantineSummary } from '../../api.ts';
import { ChangeDialog } from '../parts/change.tsx';
import { Fact, Facts, FocusedHeading, Loading, Problem, Prose, ReadOnly, When } from '../parts/common.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { Note, State } from '../parts/state.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { href } from '../state/address.ts';
import { now } from '../state/clock.ts';
import { session } from '../state/live.ts';
import { type Loaded, useLoaded } from '../state/request.ts';
import { hrefHere, param, setParams } from '../state/route.ts';
import { age, bytes, count, counted } from '../text/format.ts';

/** The files that could not be delivered: by reason, and one case in detail. */
export function QuarantineView() {
  const quarantine = useLoaded<Quarantine>('/api/quarantine');
  const [change, setChange] = useState<Change>();
  const id = param('id');
  return (
    <>
      <ReadOnly />
      {quarantine.error && <Problem error={quarantine.error} retry={quarantine.reload} />}
      {!quarantine.data && !quarantine.error && <Loading what="dead letters" />}
      {quarantine.data && (
        <>
          <Summary loaded={quarantine} onChange={setChange} />
          {quarantine.data.cases.length > 0 && (
            <div class={id === '' ? 'split' : 'split has-detail'}>
              <CaseList quarantine={quarantine.data} selected={id} onChange={setChange} />
              {id === '' ? (
                <div class="split-detail split-empty quiet">
                  <p>Choose a case to see its dead letters.</p>
                </div>
              ) : (
                <CasePanel key={id} id={id} onChange={setChange} />
              )}
            </div>
          )}
        </>
      )}
      {change && (
        <ChangeDialog
          change={change}
          onClose={(isDone) => {
            setChange(undefined);
            if (!isDone) return;
            setParams({ id: undefined });
            quarantine.reload();
          }}
        />
      )}
    </>
  );
}

interface CanChange {
  onChange: (change: Change) => void;
}

function Summary({ loaded, onChange }: { loaded: Loaded<Quarantine> } & CanChange) {
  const { data } = loaded;
  if (!data) return null;
  const { cases, mayHaveMore, sentence, readAt } = data;
  const letters = cases.reduce((sum, one) => sum + one.letters, 0);
  return (
    <div class="tools">
      <p class="grow">
        {cases.length === 0 ? (
          <State tone="good">The quarantine is empty</State>
        ) : (
          <>
            <b>{counted(cases.length, 'case')}</b> with {counted(letters, 'dead letter')}
            {mayHaveMore && ', and there may be more'}
          </>
        )}
        . Read <When at={readAt} />. <span class="quiet">{sentence}</span>
      </p>
      <button type="button" disabled={loaded.isLoading} onClick={loaded.reload}>
        {loaded.isLoading ? 'Reading …' : 'Read again'}
      </button>
      {cases.length > 0 && (
        <>
          <button
            type="button"
            disabled={!mayChange()}
            onClick={() => onChange({ kind: 'redrive', all: true })}
          >
            Redrive all …
          </button>
          <button
            type="button"
            class="danger"
            disabled={!mayChange()}
            onClick={() => onChange({ kind: 'drop', note: '', all: true })}
          >
            Drop all …
          </button>
        </>
      )}
    </div>
  );
}

function mayChange(): boolean {
  return session.value?.mayChange ?? false;
}

interface CaseListProps extends CanChange {
  quarantine: Quarantine;
  selected: string;
}

function CaseList({ quarantine: { reasons, cases }, selected, onChange }: CaseListProps) {
  const reason = param('reason');
  const chosen = reasons.find((one) => one.reason === reason);
  const shown = chosen ? cases.filter((one) => one.reason === reason) : cases;
  return (
    <section class="split-list" aria-label="Cases">
      <ul class="reasons" aria-label="Reasons">
        <li>
          <a href={hrefHere({ reason: undefined })} aria-current={chosen ? undefined : 'true'}>
            All <b>{count(cases.length)}</b>
          </a>
        </li>
        {reasons.map((one) => (
          <li key={one.reason}>
            <a href={hrefHere({ reason: one.reason })} aria-current={one === chosen ? 'true' : undefined}>
              {one.reason} <b>{count(one.cases)}</b>
            </a>
          </li>
        ))}
      </ul>
      {chosen && (
        <div class="reason-meaning">
          <p>
            <Prose text={chosen.meaning} />
          </p>
          <p class="buttons">
            <button
              type="button"
              disabled={!mayChange()}
              onClick={() => onChange({ kind: 'redrive', reason: chosen.reason })}
            >
              Redrive these …
            </button>
            <button
              type="button"
              class="danger"
              disabled={!mayChange()}
              onClick={() => onChange({ kind: 'drop', note: '', reason: chosen.reason })}
            >
              Drop these …
            </button>
          </p>
        </div>
      )}
      <VirtualList
        label="Cases, the oldest first"
        items={shown}
        idOf={(one) => one.id}
        hrefOf={(one) => hrefHere({ id: one.id })}
        selected={selected}
        lines={2}
        row={(one) => <CaseRow summary={one} />}
      />
    </section>
  );
}

function CaseRow({ summary }: { summary: QuarantineSummary }) {
  const [first, ...others] = summary.keys;
  return (
    <>
      <span class="row-main">
        {first === undefined ? <i>malformed notification</i> : <Foreign text={first} whole={false} />}
        <span class="row-note quiet">
          {summary.reason}
          {others.length > 0 && `, and ${counted(others.length, 'more key', 'more keys')}`}
          {summary.letters > 1 && `, ${counted(summary.letters, 'dead letter')}`}
        </span>
      </span>
      <span class="row-side quiet">{age(summary.since, now.value)}</span>
    </>
  );
}

function CasePanel({ id, onChange }: { id: string } & CanChange) {
  const loaded = useLoaded<QuarantineCase>(`/api/quarantine/${encodeURIComponent(id)}`);
  const { data } = loaded;
  return (
    <section class="split-detail" aria-label="Case">
      <p class="back">
        <a href={hrefHere({ id: undefined })}>All cases</a>
      </p>
      <FocusedHeading subject={id}>Case {id}</FocusedHeading>
      {loaded.error && <Problem error={loaded.error} retry={loaded.reload} />}
      {!data && !loaded.error && <Loading what="the case" />}
      {data && (
        <>
          <Note tone="bad">
            <p>
              <b>{data.reason}</b>
            </p>
            {data.detail !== '' && (
              <p>
                <Foreign text={data.detail} prose />
              </p>
            )}
          </Note>
          <p class="buttons">
            <button
              type="button"
              disabled={!mayChange()}
              onClick={() => onChange({ kind: 'redrive', ids: [id] })}
            >
              Redrive …
            </button>
            <button
              type="button"
              class="danger"
              disabled={!mayChange()}
              onClick={() => onChange({ kind: 'drop', note: '', ids: [id] })}
            >
              Drop …
            </button>
          </p>
          <Objects objects={data.objects} />
          <Messages messages={data.messages} />
        </>
      )}
    </section>
  );
}

function Objects({ objects }: Pick<QuarantineCase, 'objects'>) {
  return (
    <section aria-labelledby="case-objects">
      <h3 id="case-objects">{objects.length === 1 ? 'Object' : `Objects (${count(objects.length)})`}</h3>
      {objects.length === 0 && <p class="quiet">The notification is malformed, so it names no object.</p>}
      {objects.map(({ bucket, key, version, size, landedAt }) => (
        <div key={`${key} ${version}`} class="panel">
          <Facts>
            <Fact name="Key">
              <a href={href('file', { key })}>
                <Foreign text={key} />
              </a>
            </Fact>
            <Fact name="Bucket">
              <Foreign text={bucket} />
            </Fact>
            <Fact name="Version">
              <Foreign text={version} />
            </Fact>
            {size !== undefined && <Fact name="Size">{bytes(size)}</Fact>}
            <Fact name="Landed">
              <When at={landedAt} />
            </Fact>
          </Facts>
        </div>
      ))}
    </section>
  );
}

function Messages({ messages }: Pick<QuarantineCase, 'messages'>) {
  return (
    <section aria-labelledby="case-messages">
      <h3 id="case-messages">Dead letters ({count(messages.length)})</h3>
      {messages.map(({ id, sentAt, attributes, body }) => (
        <details key={id} class="panel" open={messages.length === 1}>
          <summary>
            <Foreign text={id} /> <When at={sentAt} />
          </summary>
          <Facts>
            {Object.entries(attributes).map(([name, value]) => (
              <Fact key={name} name={name}>
                <Foreign text={value} />
              </Fact>
            ))}
          </Facts>
          <pre class="body" tabIndex={0} aria-label="Body of the dead letter">
            <Foreign text={pretty(body)} keepLines />
          </pre>
        </details>
      ))}
    </section>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    // A malformed notification is shown as it is.
    return body;
  }
}
