import type { Flow, Stage } from '../../api.ts';
import { href, type ViewId } from '../state/address.ts';
import { isStale } from '../state/live.ts';
import { bytes, count, duration, figure } from '../text/format.ts';
import { State, type Tone } from './state.tsx';

const TONES: Record<Stage['status'], Tone> = { ok: 'good', busy: 'accent', warning: 'warn', critical: 'bad' };
const WORDS: Record<Stage['status'], string> = {
  ok: 'Normal',
  busy: 'Busy',
  warning: 'Warning',
  critical: 'Critical',
};

const NAMES: Record<Stage['name'], string> = {
  landing: 'Landing',
  queue: 'Queue',
  aggregator: 'Aggregator',
  distribution: 'Distribution',
  consumer: 'Consumer',
  'large-objects': 'Large objects',
};

/** The view that shows more about a stage. */
const MORE: Partial<Record<Stage['name'], { view: ViewId; label: string; params?: Record<string, string> }>> =
  {
    landing: { view: 'file', label: 'Find a file' },
    aggregator: { view: 'functions', label: 'Log', params: { function: 'aggregator' } },
    distribution: { view: 'bundles', label: 'Bundles' },
    'large-objects': { view: 'functions', label: 'Log', params: { function: 'large-objects' } },
  };

/**
 * The pipeline as boxes with live figures:
 *
 *     landing → queue → aggregator → distribution → consumer
 *                 ↓          ↓
 *           dead letters  large objects
 */
export function Diagram({ shown }: { shown: Flow }) {
  return (
    <div class={isStale.value ? 'diagram is-stale' : 'diagram'}>
      <ol class="stages" aria-label="Stages of the pipeline, in the order in which files pass">
        {shown.stages.map((stage) => (
          <StageBox key={stage.name} stage={stage} isBottleneck={shown.bottleneck.stage === stage.name} />
        ))}
      </ol>
      <ul class="branches" aria-label="Branches of the pipeline">
        <li
          class={shown.deadLetters > 0 ? 'stage branch-dead status-critical' : 'stage branch-dead status-ok'}
        >
          <div class="stage-head">
            <h2>Dead letters</h2>
            <State tone={shown.deadLetters > 0 ? 'bad' : 'good'}>
              {shown.deadLetters > 0 ? 'Not empty' : 'Empty'}
            </State>
          </div>
          <p class="stage-figure">
            <b>{count(shown.deadLetters)}</b>{' '}
            <span class="quiet">{shown.deadLetters === 1 ? 'message' : 'messages'}</span>
          </p>
          <p class="stage-more">
            <a href={href('quarantine')}>Quarantine</a>
          </p>
        </li>
        {shown.largeObjects && (
          <StageBox
            stage={shown.largeObjects}
            isBottleneck={shown.bottleneck.stage === 'large-objects'}
            extraClass="branch-large"
          />
        )}
      </ul>
    </div>
  );
}

interface StageBoxProps {
  stage: Stage;
  isBottleneck: boolean;
  extraClass?: string;
}

function StageBox({ stage, isBottleneck, extraClass = '' }: StageBoxProps) {
  const { name, status, ratePerSecond, rateUnit } = stage;
  const more = MORE[name];
  return (
    <li class={`stage status-${status} ${isBottleneck ? 'is-bottleneck' : ''} ${extraClass}`}>
      {isBottleneck && <p class="bottleneck-flag">Bottleneck</p>}
      <div class="stage-head">
        <h2>{NAMES[name]}</h2>
        <State tone={TONES[status]}>{WORDS[status]}</State>
      </div>
      <p class="stage-figure">
        <b>{figure(ratePerSecond)}</b> <span class="quiet">{rateUnit}/s</span>
      </p>
      <dl class="stage-facts">
        <StageFact
          name="Waiting"
          value={stage.waiting}
          format={count}
          suffix={stage.isLowerBound ? ' or more' : ''}
        />
        <StageFact name="In flight" value={stage.inFlight} format={count} />
        <StageFact
          name="Oldest"
          value={stage.oldestSeconds}
          format={(seconds) => duration(seconds * 1_000)}
        />
        <StageFact name="Size" value={stage.bytes} format={bytes} />
        <StageFact name="Dead letters" value={stage.deadLetters} format={count} />
        <StageFact name="Errors" value={stage.errorsPerMinute} format={(value) => `${figure(value)}/min`} />
      </dl>
      <p class="stage-sentence quiet">{stage.sentence}</p>
      {more && (
        <p class="stage-more">
          <a href={href(more.view, more.params)}>
            {more.label}
            <span class="visually-hidden"> ({NAMES[name]})</span>
          </a>
        </p>
      )}
    </li>
  );
}

interface StageFactProps {
  name: string;
  value: number | undefined;
  format: (value: number) => string;
  suffix?: string;
}

function StageFact({ name, value, format, suffix = '' }: StageFactProps) {
  if (value === undefined) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {format(value)}
        {suffix}
      </dd>
    </div>
  );
}
