/**
 * Characters that control a terminal or hide text: C0 and C1 controls (U+009B starts an escape sequence, like ESC [),
 * bidirectional and other format characters, line and paragraph separators, and lone surrogates. The two joiners are
 * kept, because emoji and several scripts need them.
 *
 * @see https://www.unicode.org/reports/tr44/#General_Category_Values
 */
export const UNSAFE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]--[\u200c\u200d]]/gv;

/**
 * Escapes a foreign string for use within one line: unsafe characters, including line breaks, become `\uXXXX`. JSON
 * text remains JSON of the same value.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** One `\uXXXX` per UTF-16 code unit, as in JSON and JavaScript. */
export function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, index) => {
    return `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
