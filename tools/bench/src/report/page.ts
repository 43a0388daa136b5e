/**
 * Puts generated text into a page between its markers `<!-- name:begin -->` and `<!-- name:end -->`.
 *
 * @throws where the page has no such place
 */
export function fillIn(page: string, name: string, text: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no place for "${name}": ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
