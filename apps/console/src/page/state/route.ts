import { signal } from '@preact/signals';
import { href, type Params, parseRoute, type Route, type ViewId } from './address.ts';

/** What the address shows now. */
export const route = signal<Route>(parseRoute(location.hash));

/** Whether the last step stayed within a view, so that its heading keeps the focus unless a part of it takes it. */
export let stayedInView = false;

addEventListener('hashchange', () => {
  const next = parseRoute(location.hash);
  stayedInView = next.view === route.peek().view;
  route.value = next;
});

/** A setting of the current view, or an empty text. */
export function param(name: string): string {
  return route.value.params[name] ?? '';
}

/**
 * Changes settings of the current view. Does not add to the browser's history, because each letter of a search is not a
 * step back.
 */
export function setParams(changes: Params): void {
  // From the address, because `route` follows a click on a link only with the event `hashchange`.
  const { view, params } = parseRoute(location.hash);
  history.replaceState(null, '', href(view, { ...params, ...changes }));
  route.value = parseRoute(location.hash);
}

/** The address of the current view with other settings. */
export function hrefHere(changes: Params): string {
  const { view, params } = route.value;
  return href(view, { ...params, ...changes });
}

/** Goes to a view, as a link does. */
export function go(view: ViewId, params?: Params): void {
  location.hash = href(view, params);
}
