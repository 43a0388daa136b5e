import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { commandsOf, type DocumentedCommand } from './commands.ts';

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
