import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { NextStep } from '../../api.ts';
import { href } from '../state/address.ts';
import { now } from '../state/clock.ts';
import { type Pages, RequestError } from '../state/request.ts';
import { session } from '../state/live.ts';
import { stayedInView } from '../state/route.ts';
import { instant, relative } from '../text/format.ts';
import { Foreign } from './foreign.tsx';
import { Note } from './state.tsx';

/** An instant as time of day, with its age. */
export function When({ at, age = true }: { at: number; age?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {instant(at, now.value)}
      {age && <span class="quiet"> ({relative(at, now.value)})</span>}
    </time>
  );
}

/** Why something could not be loaded. */
export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  const permission = error instanceof RequestError ? error.failure?.missingPermission : undefined;
  return (
    <Note tone="bad" role="alert">
      <p>
        {error.message}
        {permission !== undefined && (
          <>
            {' '}
            Missing permission: <code>{permission}</code>.
          </>
        )}
      </p>
      {retry && (
        <p>
          <button type="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </Note>
  );
}

/** Appears only if loading takes noticeable time, so that quick answers do not flicker. */
export function Loading({ what }: { what: string }) {
  return (
    <p class="loading quiet" role="status">
      Loading {what} …
    </p>
  );
}

/** Reads the next page of a list, if there is one. */
export function LoadMore({ pages }: { pages: Pick<Pages<unknown>, 'hasMore' | 'isLoading' | 'loadMore'> }) {
  if (!pages.hasMore || pages.isLoading) return null;
  return (
    <p>
      <button type="button" onClick={pages.loadMore}>
        Load more
      </button>
    </p>
  );
}

/** A text to search for, with further fields and a button. The text starts again from `initial` when that changes. */
export function SearchForm(props: {
  id: string;
  label: string;
  placeholder: string;
  initial: string;
  button: string;
  onSearch: (text: string) => void;
  /** Fields between text and button. */
  fields?: (text: string) => ComponentChildren;
}) {
  const { id, label, placeholder, initial, button, onSearch, fields } = props;
  const [text, setText] = useState(initial);
  useEffect(() => setText(initial), [initial]);
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text);
      }}
    >
      <label for={id}>{label}</label>
      <div class="search-row">
        <input
          id={id}
          type="search"
          autocomplete="off"
          spellcheck={false}
          value={text}
          placeholder={placeholder}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {fields?.(text)}
        <button type="submit" class="primary">
          {button}
        </button>
      </div>
    </form>
  );
}

/** Where to go on: a link to a view, or to a section of the runbook. */
export function Next({ step }: { step: NextStep }) {
  if (step.view) return <a href={href(step.view, step.query)}>{step.label}</a>;
  if (step.runbook !== undefined) return <a href={href('alarms', { runbook: step.runbook })}>{step.label}</a>;
  return <>{step.label}</>;
}

/** Text in which backticks mark code, as the server sends explanations. */
export function Prose({ text }: { text: string }) {
  return (
    <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
  );
}

/** Names and values in two columns. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Copies a text, and says so. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      class="plain copy"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
      }}
    >
      {isCopied ? 'Copied' : 'Copy'}
      <span class="visually-hidden"> {what}</span>
    </button>
  );
}

/** A heading that takes the focus when a link within its view leads to it. */
export function FocusedHeading({ subject, children }: { subject: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (stayedInView) heading.current?.focus();
  }, [subject]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** Says why nothing can be changed here, and which command allows it. */
export function ReadOnly() {
  const current = session.value;
  if (!current || current.mayChange) return null;
  return (
    <Note tone="quiet">
      <p>
        This console is read only.
        {current.allowChangesCommand !== undefined && (
          <>
            {' '}
            To make changes, start it with <code>{current.allowChangesCommand}</code>
          </>
        )}
      </p>
    </Note>
  );
}

/** A checksum or id that is worth copying. */
export function Sum({ name, value }: { name: string; value: string }) {
  return (
    <Fact name={name}>
      <Foreign text={value} /> <Copy text={value} what={name} />
    </Fact>
  );
}
