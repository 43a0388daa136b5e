import { findBrowser, unpackBrowser } from './browser.ts';

/** Prepares the browser of all specs. */
export default function setUp(): void {
  if (findBrowser().kind === 'package') unpackBrowser();
}
