import { useMemo } from 'preact/hooks';
import type { BundlePage, BundleState, BundleSummary } from '../../api.ts';
import { BundlePanel } from '../parts/bundle-panel.tsx';
import { Loading, LoadMore, Problem } from '../parts/common.tsx';
import { Foreign } from '../parts/foreign.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { apiPath } from '../state/address.ts';
import { now } from '../state/clock.ts';
import { get, usePages } from '../state/request.ts';
import { hrefHere, param, setParams } from '../state/route.ts';
import { age, bytes, count, counted } from '../text/format.ts';

const PAGE = 1_000;
/** Read without being asked to; more follow on request. Taken bundles are read from the archive, day by day. */
const FIRST: Record<BundleState, number> = { waiting: 10_000, taken: PAGE };

const STATES: Record<BundleState, string> = { waiting: 'Waiting', taken: 'Taken' };

/** The bundles that wait for the consumer, or that it has taken, and one of them in detail. */
export function BundlesView() {
  const key = param('key');
  return (
    <div class={key === '' ? 'split' : 'split has-detail'}>
      <BundleList selected={key} />
      {key === '' ? (
        <div class="split-detail split-empty quiet">
          <p>Choose a bundle to see its manifest and its members.</p>
        </div>
      ) : (
        <BundlePanel key={key} bundleKey={key} />
      )}
    </div>
  );
}

function BundleList({ selected }: { selected: string }) {
  const state: BundleState = param('state') === 'taken' ? 'taken' : 'waiting';
  const find = param('find');
  const pages = usePages<BundleSummary>(
    state,
    async (after, signal) => {
      const page = await get<BundlePage>(apiPath('/api/bundles', { state, after, limit: PAGE }), signal);
      return { items: page.bundles, next: page.next };
    },
    FIRST[state],
  );
  const shown = useMemo(
    () => (find === '' ? pages.items : pages.items.filter(({ key }) => key.includes(find))),
    [pages.items, find],
  );
  return (
    <section class="split-list" aria-label="Bundles">
      <div class="tools">
        <div class="tabs" role="group" aria-label="State">
          {(['waiting', 'taken'] as const).map((value) => (
            <a
              key={value}
              href={hrefHere({ state: value })}
              aria-current={value === state ? 'true' : undefined}
            >
              {STATES[value]}
            </a>
          ))}
        </div>
        <button type="button" onClick={pages.reload}>
          Refresh
        </button>
        <label class="grow whole-row">
          <span class="visually-hidden">Part of a bundle’s key</span>
          <input
            type="search"
            placeholder="Part of a key"
            value={find}
            spellcheck={false}
            onInput={(event) => setParams({ find: event.currentTarget.value })}
          />
        </label>
      </div>
      {pages.error && <Problem error={pages.error} retry={pages.reload} />}
      <p class="quiet list-count" role="status">
        {pages.isLoading && pages.items.length === 0
          ? 'Loading bundles …'
          : summaryOf({ shown: shown.length, known: pages.items.length, isPartial: pages.hasMore })}
      </p>
      {shown.length > 0 && (
        <VirtualList
          label={`Bundles, ${STATES[state].toLowerCase()}`}
          items={shown}
          idOf={(bundle) => bundle.key}
          hrefOf={(bundle) => hrefHere({ key: bundle.key, member: undefined, part: undefined })}
          selected={selected}
          lines={2}
          row={(bundle) => <BundleRow bundle={bundle} />}
        />
      )}
      <LoadMore pages={pages} />
      {pages.isLoading && pages.items.length > 0 && <Loading what="more bundles" />}
    </section>
  );
}

function summaryOf({
  shown,
  known,
  isPartial,
}: {
  shown: number;
  known: number;
  isPartial: boolean;
}): string {
  if (known === 0 && !isPartial) return 'No bundles';
  const all = `${counted(known, 'bundle')}${isPartial ? ' read so far' : ''}`;
  return shown === known ? `${all}, newest first` : `${count(shown)} of ${all}`;
}

/** Shows the file name; the folders, which repeat its date, are in the tooltip. */
function BundleRow({ bundle }: { bundle: BundleSummary }) {
  const { key, group, size, publishedAt, isReplay } = bundle;
  return (
    <span class="row-main">
      <Foreign text={key.slice(key.lastIndexOf('/') + 1)} whole={false} />
      <span class="row-note">
        <span>{bytes(size)}</span>
        <span>{age(publishedAt, now.value)}</span>
        {isReplay && <span class="chip">replay</span>}
        {group !== undefined && <Foreign text={group} whole={false} />}
      </span>
    </span>
  );
}
