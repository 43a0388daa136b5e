import type { Advice, FileReport, FileSearch, FileVersion, TimelineStep } from '../../api.ts';
import {
  Copy,
  Fact,
  Facts,
  FocusedHeading,
  Loading,
  Next,
  Problem,
  SearchForm,
  Sum,
  When,
} from '../parts/common.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { LogLines } from '../parts/log-lines.tsx';
import { Note, State, type Tone } from '../parts/state.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { apiPath, href } from '../state/address.ts';
import { now } from '../state/clock.ts';
import { session } from '../state/live.ts';
import { go, param } from '../state/route.ts';
import { useLoaded } from '../state/request.ts';
import { age, bytes, count, counted, duration } from '../text/format.ts';

const MIN_REFRESH_MS = 5_000;

/** The life of one file. */
export function FileView() {
  const [key, part] = [param('key'), param('part')];
  return (
    <>
      <SearchForm
        id="file-search"
        label="Key, or part of a key"
        placeholder="invoices/2026/11/0815.xml"
        initial={part || key}
        button="Find"
        onSearch={(text) => go('file', { part: text })}
      />
      {key !== '' ? <Report fileKey={key} /> : part !== '' ? <Results part={part} /> : <Recent />}
    </>
  );
}

function Recent() {
  return <Results part="" />;
}

function Results({ part }: { part: string }) {
  const found = useLoaded<FileSearch>(apiPath('/api/files', { part }));
  if (found.error) return <Problem error={found.error} retry={found.reload} />;
  if (!found.data) return <Loading what="files" />;
  const { files, isPartial, sentence } = found.data;
  return (
    <section class="section" aria-labelledby="found">
      <h2 id="found">
        {part === '' ? 'Landed recently' : 'Found'}: {count(files.length)}
        {isPartial && ' or more'}
      </h2>
      <p class="quiet">
        {sentence}{' '}
        {part !== '' && (
          <>
            A file that landed earlier is found by its whole key:{' '}
            <a href={href('file', { key: part })}>
              look up <Foreign text={part} />
            </a>
          </>
        )}
      </p>
      {files.length > 0 && (
        <VirtualList
          label="Files"
          items={files}
          idOf={(file) => `${file.key} ${file.landedAt}`}
          hrefOf={(file) => href('file', { key: file.key })}
          row={(file) => (
            <>
              <span class="row-main">
                <Foreign text={file.key} whole={false} />
              </span>
              <span class="row-side">{bytes(file.size)}</span>
              <span class="row-side quiet">{age(file.landedAt, now.value)}</span>
            </>
          )}
        />
      )}
    </section>
  );
}

function Report({ fileKey }: { fileKey: string }) {
  const every = Math.max(MIN_REFRESH_MS, (session.value?.refresh.seconds ?? 1) * 1_000);
  const report = useLoaded<FileReport>(apiPath('/api/file', { key: fileKey }), every);
  return (
    <section class="section">
      <FocusedHeading subject={fileKey}>
        <Foreign text={fileKey} /> <Copy text={fileKey} what="the key" />
      </FocusedHeading>
      {report.error && <Problem error={report.error} retry={report.reload} />}
      {!report.data && !report.error && <Loading what="the file" />}
      {report.data?.advice && <Stuck advice={report.data.advice} />}
      {report.data && report.data.versions.length === 0 && !report.data.advice && (
        <p>No version of this key is known.</p>
      )}
      {report.data?.versions.map((version) => (
        <Version key={version.object} version={version} isOnly={report.data?.versions.length === 1} />
      ))}
      {report.data?.olderVersions !== undefined && (
        <p class="quiet">
          {counted(report.data.olderVersions, 'older version')} not shown. The command ops:find shows all of
          them.
        </p>
      )}
    </section>
  );
}

const WHERE: Record<FileVersion['where'], { word: string; tone: Tone }> = {
  delivered: { word: 'Delivered', tone: 'good' },
  'in-progress': { word: 'In progress', tone: 'accent' },
  quarantined: { word: 'Quarantined', tone: 'bad' },
  nowhere: { word: 'In no bundle', tone: 'warn' },
  unknown: { word: 'Unknown', tone: 'warn' },
};

function Version({ version, isOnly }: { version: FileVersion; isOnly: boolean }) {
  const { word, tone } = WHERE[version.where];
  return (
    <article class="panel version" aria-label={`Version ${version.versionId}`}>
      <header class="panel-head">
        <h3>
          {isOnly ? 'Version' : version.isLatest ? 'Latest version' : 'Earlier version'}{' '}
          <Foreign text={version.versionId} />
        </h3>
        <State tone={tone}>{word}</State>
      </header>
      {version.advice && <Stuck advice={version.advice} />}
      <div class="columns">
        <Timeline steps={version.timeline} />
        <VersionFacts version={version} />
      </div>
      {version.logProblem !== undefined && (
        <p class="quiet">
          <Foreign text={version.logProblem} prose />
        </p>
      )}
      {version.log.length > 0 && (
        <details>
          <summary>Log lines about this version ({count(version.log.length)})</summary>
          <LogLines events={version.log} />
        </details>
      )}
    </article>
  );
}

function Stuck({ advice }: { advice: Advice }) {
  return (
    <Note tone="warn">
      <p>
        <b>{advice.problem}</b>
      </p>
      {advice.steps.length > 0 && (
        <ul class="advice">
          {advice.steps.map((step) => (
            <li key={step.label}>
              <Next step={step} />
            </li>
          ))}
        </ul>
      )}
    </Note>
  );
}

const STEP_NAMES: Record<TimelineStep['name'], string> = {
  landed: 'Landed',
  notified: 'Notified',
  received: 'Received',
  claimed: 'Claimed',
  bundled: 'Bundled',
  published: 'Published',
  replicated: 'Replicated',
  taken: 'Taken by the consumer',
  receipt: 'On the consumer’s disk',
};

const STEP_STATES: Record<TimelineStep['state'], { word: string; tone: Tone }> = {
  done: { word: 'Done', tone: 'good' },
  current: { word: 'Now', tone: 'accent' },
  pending: { word: 'Not yet', tone: 'quiet' },
  failed: { word: 'Failed', tone: 'bad' },
  unknown: { word: 'Unknown', tone: 'warn' },
  skipped: { word: 'Does not apply', tone: 'quiet' },
};

function Timeline({ steps }: { steps: readonly TimelineStep[] }) {
  let previous: number | undefined;
  return (
    <ol class="timeline" aria-label="Timeline">
      {steps.map((step) => {
        const { word, tone } = STEP_STATES[step.state];
        const sincePrevious =
          step.at !== undefined && previous !== undefined ? step.at - previous : undefined;
        previous = step.at ?? previous;
        return (
          <li key={step.name} class={`step step-${step.state}`}>
            <div class="step-mark">
              <State tone={tone}>
                <span class="visually-hidden">{word}</span>
              </State>
            </div>
            <div>
              <p>
                <b>{STEP_NAMES[step.name]}</b>
                {step.state !== 'done' && <span class={`step-word tone-${tone}`}>{word}</span>}{' '}
                {step.at !== undefined && <When at={step.at} age={false} />}
                {sincePrevious !== undefined && sincePrevious >= 1 && (
                  <span class="quiet"> +{duration(sincePrevious)}</span>
                )}
                {step.isInferred && <span class="quiet"> (follows from a later step)</span>}
              </p>
              <p class="quiet">
                <Foreign text={step.detail} prose />
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function VersionFacts({ version }: { version: FileVersion }) {
  const { bundle, size, sha256, crc64nvme, etag, object } = version;
  return (
    <Facts>
      {bundle && (
        <Fact name="Bundle">
          <a
            href={href('bundles', {
              key: bundle.key,
              ...(bundle.index !== undefined && { member: String(bundle.index) }),
            })}
          >
            <Foreign text={bundle.key} />
          </a>
        </Fact>
      )}
      {bundle?.group !== undefined && (
        <Fact name="Group">
          <Foreign text={bundle.group} />
        </Fact>
      )}
      {bundle?.name !== undefined && (
        <Fact name="Name in the bundle">
          <Foreign text={bundle.name} />
        </Fact>
      )}
      {bundle?.index !== undefined && (
        <Fact name="Position">
          member {count(bundle.index + 1)}
          {bundle.members !== undefined && ` of ${count(bundle.members)}`}
          {bundle.offset !== undefined && `, at byte ${count(bundle.offset)} of the tar`}
        </Fact>
      )}
      {size !== undefined && (
        <Fact name="Size">
          {bytes(size)} <span class="quiet">({count(size)} bytes)</span>
        </Fact>
      )}
      {sha256 !== undefined && <Sum name="SHA-256" value={sha256} />}
      {crc64nvme !== undefined && <Sum name="CRC-64/NVME" value={crc64nvme} />}
      {etag !== undefined && <Sum name="ETag" value={etag} />}
      <Sum name="Id in ledger and logs" value={object} />
    </Facts>
  );
}
