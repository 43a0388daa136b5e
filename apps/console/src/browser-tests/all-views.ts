import type { Page } from 'playwright-core';
import { bundleKey } from './fixtures.ts';

export interface View {
  name: string;
  /** Its fragment. */
  address: string;
  /** Something that only this view shows. */
  content: string;
}

/** Each view of the fixtures, in its fullest state. */
export const VIEWS: readonly View[] = [
  { name: 'Flow', address: '#/flow', content: 'The aggregator is the bottleneck' },
  { name: 'File', address: '#/file?key=invoices/2026/11/00007.xml', content: 'Taken by the consumer' },
  {
    name: 'Bundles',
    address: `#/bundles?key=${encodeURIComponent(bundleKey(12))}&member=0`,
    content: 'Waiting for the consumer',
  },
  {
    name: 'Quarantine',
    address: '#/quarantine?id=c000000000000',
    content: 'No safe name exists for the key.',
  },
  { name: 'Alarms', address: '#/alarms?alarm=aggregator-errors', content: 'Threshold Crossed' },
  { name: 'Functions', address: '#/functions?function=aggregator', content: 'batch.failed' },
  { name: 'Cost', address: '#/cost', content: 'Data transfer to the internet' },
  { name: 'Load', address: '#/load', content: '412 of 1,000 files uploaded.' },
];

/** Waits until the page shows a view, and checks its title. */
export async function expectView(page: Page, { name, content }: View): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByText(content).first().waitFor();
  expect(await page.title()).toContain(name);
}
