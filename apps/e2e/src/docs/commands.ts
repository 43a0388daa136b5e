/** A command as a page shows it. */
export interface DocumentedCommand {
  page: string;
  line: number;
  text: string;
}

const STARTS = /^(?:\$ )?((?:npm|npx|node|\.\/node_modules\/\.bin\/\w+)(?: .*)?)$/;
const INLINE = /`((?:npm|npx|node|\.\/node_modules\/\.bin\/\w+) [^`]+)`/g;

/**
 * The npm, npx and Node commands of a page: lines of code blocks, without trailing comments, and inline code. A trailing backslash
 * continues a line; `&&` separates commands.
 */
export function commandsOf(page: string, markdown: string): DocumentedCommand[] {
  const found: DocumentedCommand[] = [];
  const add = (line: number, text: string) => {
    for (const one of text.split(' && ')) found.push({ page, line, text: one.trim() });
  };
  let inBlock = false;
  const lines = markdown.replaceAll(/\\\n\s*/g, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (/^\s*```/.test(line)) inBlock = !inBlock;
    else if (inBlock) {
      const [, command] = STARTS.exec(withoutComment(line.trim())) ?? [];
      if (command !== undefined) add(index + 1, command);
    } else {
      for (const [, command = ''] of line.matchAll(INLINE)) add(index + 1, command);
    }
  }
  return found;
}

/** A comment starts with `#` or, in blocks of two columns, after four spaces. */
function withoutComment(line: string): string {
  return line.replace(/\s+# .*$|\s{4,}.*$/, '');
}
