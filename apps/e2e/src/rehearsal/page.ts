/** One or several commands of a page: a shell block, or a code span that is a command. */
export interface PageCommand {
  /** The line of the page on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** The commands of a page. */
export interface PageCommands {
  /** Variables of the block that begins with `# Fill in`, which the reader sets. */
  readonly variables: readonly string[];
  readonly commands: readonly PageCommand[];
}

const BLOCK = /^(?<indent> *)```sh\n(?<block>.*?)^ *```$/gms;
/** A span that starts like a command and has arguments; `aws s3api restore-object` alone is a mention. */
const SPAN = /`(?<span>(?:aws|npx nx run|node) [^`]+)`/g;
const FILL_IN = /^# Fill in\n/;

/**
 * Finds the commands of a page in Markdown, in order.
 *
 * @throws Error for a command with an ellipsis, which cannot be run as written
 */
export function commandsOf(page: string): PageCommands {
  const found: PageCommand[] = [];
  const variables: string[] = [];
  const lineAt = (index: number) => page.slice(0, index).split('\n').length;

  const prose = page.replace(BLOCK, (whole: string, indent: string, block: string, index: number) => {
    const text = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    if (FILL_IN.test(text))
      variables.push(...[...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name));
    else found.push({ line: lineAt(index) + 1, text });
    return whole.replaceAll(/[^\n]/g, ' ');
  });
  for (const match of prose.matchAll(SPAN)) {
    found.push({
      line: lineAt(match.index),
      text: match.groups?.['span']?.replaceAll(/\s*\n\s*/g, ' ') ?? '',
    });
  }
  const commands = found.sort((a, b) => a.line - b.line);
  for (const { line, text } of commands) {
    // Comments and quoted notes may contain one.
    const code = text.replaceAll(/'[^']*'|(^|\s)#.*$/gm, '');
    if (code.includes('…')) throw new Error(`line ${line}: "${text.trim()}" leaves something out`);
  }
  return { variables, commands };
}

/** A command that only names an operation of the AWS CLI: `aws s3api restore-object`. */
export function isMention({ text }: PageCommand): boolean {
  return /^aws [a-z0-9]+ [a-z0-9-]+$/.test(text.trim());
}
