import type { ViewId } from '../state/address.ts';

/** Names of the views, as in the navigation and in headings. */
export const VIEW_TITLES: Record<ViewId, string> = {
  flow: 'Flow',
  file: 'File',
  bundles: 'Bundles',
  quarantine: 'Quarantine',
  alarms: 'Alarms',
  functions: 'Functions',
  cost: 'Cost',
  load: 'Load',
};
