/** The views, in the order of the navigation. */
export const VIEWS = [
  'flow',
  'file',
  'bundles',
  'quarantine',
  'alarms',
  'functions',
  'cost',
  'load',
] as const;
export type ViewId = (typeof VIEWS)[number];

/** Settings of a view, such as a search text or the opened bundle. */
export type Params = Readonly<Record<string, string | undefined>>;

/** Everything that a link shows again. */
export interface Route {
  view: ViewId;
  params: Readonly<Record<string, string>>;
}

/**
 * Reads the fragment of an address: `#/bundles?find=acme`. State is in the fragment because a fragment is not sent to the
 * server, so keys do not appear in request lines. An unknown view is the first one.
 */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const view = VIEWS.find((name) => name === path) ?? 'flow';
  return { view, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a view. Settings that are empty or undefined are left out. */
export function href(view: ViewId, params: Params = {}): string {
  const set = Object.entries(params).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(set).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** Path and query of a request. Settings that are undefined are left out. */
export function apiPath(
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}

/** The token in the address that the console prints, `#token=…`; undefined in every other address. */
export function tokenOf(hash: string): string | undefined {
  return /^#token=([\w.~-]+)$/.exec(hash)?.[1];
}
