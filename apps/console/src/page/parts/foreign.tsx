import { escaped, UNSAFE } from '@data-aggregator/terminal/visible';

interface ForeignProps {
  text: string;
  /** Whether the text may wrap, or is cut off at the end of its line with the rest in a tooltip. */
  whole?: boolean;
  /** Whether it is a sentence rather than a name, and so in the font of the page. */
  prose?: boolean;
  /** Whether line feeds break lines. Only within `<pre>`. */
  keepLines?: boolean;
}

/**
 * Text that comes from outside: a key, a member's name, a log line. Characters that hide or reorder text are shown as
 * `\uXXXX`, and the text cannot change the direction of what surrounds it.
 */
export function Foreign({ text, whole = true, prose = false, keepLines = false }: ForeignProps) {
  const parts = pieces(text, keepLines);
  return (
    <bdi
      class={`foreign ${whole ? '' : 'foreign-one-line'} ${prose ? 'foreign-prose' : ''}`}
      title={
        whole ? undefined : parts.map((part) => (part.isHidden ? escaped(part.text) : part.text)).join('')
      }
    >
      {parts.map((part, index) =>
        part.isHidden ? (
          <span key={index} class="escape">
            {escaped(part.text)}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}

interface Piece {
  text: string;
  isHidden: boolean;
}

function pieces(text: string, keepLines: boolean): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(UNSAFE)) {
    if (keepLines && match[0] === '\n') continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), isHidden: false });
    found.push({ text: match[0], isHidden: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), isHidden: false });
  return found;
}
