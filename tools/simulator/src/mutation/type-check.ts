import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutate.ts';
import { replaceAt } from './text.ts';

/**
 * Decides which mutants the type checker rejects, as `npm test` would. Only the changed file is checked, so a change of an exported type
 * that breaks other files goes unnoticed. Names that a mutant leaves unused are allowed: they say nothing about what the code does.
 *
 * @param root the workspace, without mutants
 */
export function createTypeCheck(root: string): (mutant: Mutant) => boolean {
  const projects = new Map<string, (path: string, text: string) => boolean>();
  return ({ file, location, replacement }) => {
    const path = join(root, file);
    const project = projectOf(root, file);
    let compiles = projects.get(project);
    if (!compiles) projects.set(project, (compiles = createCompiler(project)));
    return !compiles(path, replaceAt(readFileSync(path, 'utf8'), location, replacement));
  };
}

const OVERRIDES: ts.CompilerOptions = {
  composite: false,
  incremental: false,
  noEmit: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** The folder of the project to which a file belongs, such as `libs/bundling`. */
function projectOf(root: string, file: string): string {
  return join(root, ...file.split('/').slice(0, 2));
}

/** @returns a function that tells whether a file of the project compiles with another text */
function createCompiler(project: string): (path: string, text: string) => boolean {
  const configFile = join(project, 'tsconfig.json');
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(configFile));
  let changed: { path: string; text: string } | undefined;
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, ...OVERRIDES }),
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path) => (path === changed?.path ? String(version) : '0'),
    getScriptSnapshot(path) {
      const text = path === changed?.path ? changed.text : ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => project,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  });
  return (path, text) => {
    changed = { path, text };
    version++;
    return (
      service.getSyntacticDiagnostics(path).length === 0 && service.getSemanticDiagnostics(path).length === 0
    );
  };
}
