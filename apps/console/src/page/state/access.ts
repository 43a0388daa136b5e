import { signal } from '@preact/signals';
import { href, tokenOf } from './address.ts';

const NAME = 'console.token';

/** The secret from the printed address, which shows the server that this page belongs to its operator. */
let token = keptToken();

/** Whether the server refused the token, or there is none. */
export const isLockedOut = signal(token === undefined);

/** The header that every request carries. */
export function authorization(): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Moves the token from the address, where it could be copied or seen, into the browser's storage. */
function keptToken(): string | undefined {
  const printed = tokenOf(location.hash);
  try {
    if (printed === undefined) return localStorage.getItem(NAME) ?? undefined;
    localStorage.setItem(NAME, printed);
  } catch {
    // Storage can be turned off in the browser; the token then lasts as long as the page.
  }
  if (printed !== undefined) history.replaceState(null, '', href('flow'));
  return printed;
}

addEventListener('hashchange', () => {
  if (tokenOf(location.hash) === undefined) return;
  token = keptToken();
  location.reload();
});
