/**
 * Characters that a terminal acts on or that hide what is written: C0 and C1 controls (U+009B begins an escape sequence
 * as ESC [ does), bidirectional and other format characters, separators of lines and paragraphs, lone surrogates. The
 * two joiners stay: emoji and several scripts need them.
 *
 * @see https://www.unicode.org/reports/tr44/#General_Category_Values
 */
const UNSAFE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\u200c\u200d]]/gv;

/** A colour or another rendition of text (SGR): all that our own output uses of escape sequences. */
// eslint-disable-next-line no-control-regex -- exactly this is meant
const RENDITION = /(\u001b\[[\d;]*m)/;

/**
 * A string from outside as part of one line: each unsafe character, line ends among them, as `\uXXXX`. JSON text stays
 * JSON of the same value.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/**
 * Text of lines, ready to be written: unsafe characters other than line feeds and tabs as `\uXXXX`.
 *
 * @param keepRenditions whether colours stay as they are
 */
export function safeText(text: string, keepRenditions: boolean): string {
  const safe = (part: string) =>
    part.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
  if (!keepRenditions) return safe(text);
  return text
    .split(RENDITION)
    .map((part, index) => (index % 2 === 1 ? part : safe(part)))
    .join('');
}

/** One `\uXXXX` for each UTF-16 code unit, as JSON and JavaScript read it. */
function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, index) => {
    return `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
