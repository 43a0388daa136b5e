import type { Page } from 'playwright-core';

/** Goes to a view by the navigation. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view }).click();
}

/** Starts an action of the view Load, with its confirmation. */
export async function start(page: Page, action: string, amount?: number): Promise<void> {
  await goTo(page, 'Load');
  const form = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: action }) });
  if (amount !== undefined) await form.getByRole('spinbutton').fill(String(amount));
  await form.getByRole('button', { name: 'Start …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: action }).click();
  await page.getByText('Started:').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
}
