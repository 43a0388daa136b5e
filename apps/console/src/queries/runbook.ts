import { existsSync, readFileSync } from 'node:fs';
import type { RunbookBlock, RunbookSection } from '../api.ts';

/** Finds a section by its anchor: `function-errors`. */
export type Runbook = (id: string) => RunbookSection | undefined;

/** Reads docs/runbook.md once. Without the file there are no sections. */
export function readRunbook(file: string): Runbook {
  const sections = new Map(
    (existsSync(file) ? sectionsOf(readFileSync(file, 'utf8')) : []).map((section) => [section.id, section]),
  );
  return (id) => sections.get(id);
}

/** The sections (`##`) of a Markdown page. */
export function sectionsOf(markdown: string): RunbookSection[] {
  const [, ...parts] = markdown.split(/^## /m);
  return parts.map((part) => {
    const [title = '', ...lines] = part.split('\n');
    return { id: anchorOf(title), title: title.trim(), blocks: blocksOf(lines) };
  });
}

function anchorOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(/\s/g, '-');
}

const FENCE = /^\s*```(\w*)\s*$/;
const ITEM = /^\s*(?:[-*]|\d+\.)\s+/;

function blocksOf(lines: readonly string[]): RunbookBlock[] {
  const blocks: RunbookBlock[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const fence = FENCE.exec(line);
    if (line.trim() === '') {
      at++;
    } else if (fence) {
      const end = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const code = lines.slice(at + 1, end === -1 ? undefined : end);
      const indent = Math.min(...code.filter((one) => one.trim() !== '').map((one) => one.search(/\S/)), 80);
      const text = code.map((one) => one.slice(indent)).join('\n');
      blocks.push({ kind: 'code', language: fence[1] ?? '', text });
      at = end === -1 ? lines.length : end + 1;
    } else if (/^#{3,} /.test(line)) {
      blocks.push({ kind: 'heading', text: plain(line.replace(/^#+ /, '')) });
      at++;
    } else if (line.startsWith('|')) {
      const [head = [], ...rows] = taken((one) => one.startsWith('|')).map(cellsOf);
      blocks.push({ kind: 'table', head, rows: rows.slice(1) });
    } else if (ITEM.test(line)) {
      const items: string[] = [];
      for (const one of taken((other) => ITEM.test(other) || (/^\s+\S/.test(other) && !FENCE.test(other)))) {
        if (ITEM.test(one)) items.push(one.replace(ITEM, ''));
        else items.push(`${items.pop() ?? ''} ${one.trim()}`);
      }
      blocks.push({ kind: 'list', items: items.map(plain) });
    } else {
      const text = taken(
        (one) => one.trim() !== '' && !FENCE.test(one) && !ITEM.test(one) && !/^(#|\|)/.test(one),
      );
      blocks.push({ kind: 'text', text: plain(text.map((one) => one.trim()).join(' ')) });
    }

    function taken(belongs: (line: string) => boolean): string[] {
      const begin = at;
      do at++;
      while (at < lines.length && belongs(lines[at] ?? ''));
      return lines.slice(begin, at);
    }
  }
  return blocks;
}

function cellsOf(row: string): string[] {
  return row
    .replaceAll(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plain(cell.trim()));
}

/** Links become their text, emphasis goes; code keeps its backticks. */
function plain(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('**', '');
}
