import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isLockedOut } from '../state/access.ts';
import { href, type ViewId, VIEWS } from '../state/address.ts';
import { now } from '../state/clock.ts';
import { alarms, connection, failure, flow, isStale, retryNow, session } from '../state/live.ts';
import { route } from '../state/route.ts';
import { type Theme, theme } from '../state/theme.ts';
import { count, instant, relative } from '../text/format.ts';
import { VIEW_TITLES } from '../text/views.ts';
import { Mark, Note } from './state.tsx';

/** Everything around a view: header, navigation, banners. Moves the focus to the heading when the view changes. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { view } = route.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const shownBefore = useRef(view);

  useEffect(() => {
    document.title = `${VIEW_TITLES[view]} – ${session.value?.environment ?? 'data-aggregator'} console`;
    if (shownBefore.current === view) return;
    shownBefore.current = view;
    scrollTo(0, 0);
    heading.current?.focus();
  }, [view, session.value]);

  return (
    <>
      <a
        class="skip-link"
        href={href(view, route.value.params)}
        onClick={(event) => {
          event.preventDefault();
          heading.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Header />
      <Navigation current={view} />
      <main class="main" aria-labelledby="view-title">
        <Banners />
        <h1 id="view-title" ref={heading} tabIndex={-1}>
          {VIEW_TITLES[view]}
        </h1>
        {children}
      </main>
    </>
  );
}

function Header() {
  const current = session.value;
  return (
    <header class="header">
      <p class="brand">
        <svg class="logo" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 3h2M2 6h2M2 10h2M2 13h2M4 3l5 5M4 6l5 2M4 10l5-2M4 13l5-5M9 8h5" />
        </svg>
        <span>data-aggregator</span>
      </p>
      {current && (
        <p class="target">
          <b>{current.environment}</b>{' '}
          <span class="quiet">{current.target === 'local' ? 'embedded cloud' : `AWS ${current.region}`}</span>
          {!current.mayChange && <span class="chip">read only</span>}
        </p>
      )}
      <Freshness />
      <ThemeChoice />
    </header>
  );
}

/** When the live figures were read. */
function Freshness() {
  const shown = flow.value;
  if (connection.value.kind === 'lost') {
    return (
      <p class="freshness tone-bad">
        <Mark tone="bad" /> Not connected
      </p>
    );
  }
  if (!shown) return <p class="freshness quiet">Connecting …</p>;
  const seconds = session.value?.refresh.seconds ?? 1;
  return (
    <p
      class={isStale.value ? 'freshness tone-warn' : 'freshness quiet'}
      title={session.value?.refresh.sentence}
    >
      <Mark tone={isStale.value ? 'warn' : 'good'} />
      <span>
        {isStale.value ? 'Old: ' : 'Live, '}
        {seconds < 10 && !isStale.value
          ? `every ${seconds === 1 ? 'second' : `${seconds} s`}`
          : relative(shown.at, now.value)}
      </span>
    </p>
  );
}

const THEMES: Record<Theme, string> = { system: 'System', light: 'Light', dark: 'Dark' };

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="visually-hidden">Theme</span>
      <select
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value as Theme;
        }}
      >
        {Object.entries(THEMES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Navigation({ current }: { current: ViewId }) {
  const views = VIEWS.filter((view) => view !== 'load' || session.value?.hasLoad);
  const inAlarm = alarms.value?.alarm ?? 0;
  const letters = flow.value?.deadLetters ?? 0;
  const badge: Partial<Record<ViewId, ComponentChildren>> = {
    ...(inAlarm > 0 && { alarms: <Badge value={inAlarm} meaning="in alarm" /> }),
    ...(letters > 0 && {
      quarantine: <Badge value={letters} meaning={letters === 1 ? 'dead letter' : 'dead letters'} />,
    }),
  };
  return (
    <nav class="navigation" aria-label="Views">
      <ul>
        {views.map((view) => (
          <li key={view}>
            <a href={href(view)} aria-current={view === current ? 'page' : undefined}>
              {VIEW_TITLES[view]}
              {badge[view]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Badge({ value, meaning }: { value: number; meaning: string }) {
  return (
    <span class="badge">
      {count(value)}
      <span class="visually-hidden"> {meaning}</span>
    </span>
  );
}

/** What is wrong with the console itself. The region stays in the document, so that screen readers announce changes. */
function Banners() {
  return (
    <div class="banners" role="status">
      {isLockedOut.value ? <LockedOut /> : <Trouble />}
    </div>
  );
}

function LockedOut() {
  return (
    <Note tone="warn">
      <p>
        <b>This page is not allowed in.</b> Open the complete address that the console printed when it
        started; it ends in <code>#token=…</code>. A console that was restarted has printed another one.
      </p>
    </Note>
  );
}

function Trouble() {
  const state = connection.value;
  if (state.kind === 'lost') {
    const shown = flow.value;
    return (
      <Note tone="bad">
        <p>
          <b>The connection to the console is lost</b> since {instant(state.since, now.value)}.{' '}
          {shown && <>The numbers below are from {instant(shown.at, now.value)} and may be wrong. </>}
          It connects again by itself.{' '}
          <button type="button" class="plain" onClick={retryNow}>
            Try now
          </button>
        </p>
      </Note>
    );
  }
  if (!failure.value) return null;
  return (
    <Note tone="warn">
      <p>
        <b>The figures cannot be read.</b> {failure.value.message}
        {failure.value.missingPermission && (
          <>
            {' '}
            Missing permission: <code>{failure.value.missingPermission}</code>.
          </>
        )}
      </p>
    </Note>
  );
}
