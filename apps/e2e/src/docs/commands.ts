import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

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

/** README, CONTRIBUTING and every page of docs, by their paths in the workspace. */
export function pages(): Map<string, string> {
  const docs = readdirSync(join(workspaceRoot, 'docs')).filter((file) => file.endsWith('.md'));
  const files = ['README.md', 'CONTRIBUTING.md', ...docs.map((file) => `docs/${file}`)];
  return new Map(files.map((file) => [file, readFileSync(join(workspaceRoot, file), 'utf8')]));
}

/** Every documented command, each text once. */
export function documentedCommands(): DocumentedCommand[] {
  const all = [...pages()].flatMap(([page, markdown]) => commandsOf(page, markdown));
  return [...new Map(all.map((command) => [command.text, command])).values()];
}
