import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/*
 * Rules about imports between files of this workspace: `imports/no-cycle` and `imports/layers`. They read imports with an
 * expression, which suffices for code that Prettier has formatted. A plugin that parses every imported file again took a
 * sixth of the time of all rules.
 */
const root = import.meta.dirname;

/** Import and export declarations at the beginning of a line, and dynamic imports. */
const DECLARATION = /^(?:import|export)\s+(?:(type\s)?[\w*{},\s]*?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

/** Files that each file imports, other than types, by path. Files do not change during a run. */
const valueImports = new Map();
const targets = new Map();

/** The file of this workspace to which an import refers, if any. */
function fileOf(from, specifier) {
  if (specifier.startsWith('.')) return existing(resolve(dirname(from), specifier));
  const [, name, path] = /^@data-aggregator\/([\w-]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  return name && entryOf(name, path);
}

/** The file behind an entry point of a package of this workspace, according to `exports` in its package.json. */
function entryOf(name, path) {
  const entry = path ? `./${path}` : '.';
  for (const folder of [join(root, 'libs', name), join(root, 'tools', name)]) {
    const manifest = join(folder, 'package.json');
    if (!existing(manifest)) continue;
    const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    const target = exports[entry] ?? (path && exports['./*']?.replace('*', path));
    return typeof target === 'string' ? existing(join(folder, target)) : undefined;
  }
  return undefined;
}

function existing(path) {
  if (!targets.has(path)) targets.set(path, existsSync(path) && statSync(path).isFile());
  return targets.get(path) ? path : undefined;
}

function valueImportsOf(file) {
  let found = valueImports.get(file);
  if (!found) {
    const text = /\.[cm]?[jt]sx?$/.test(file) ? readFileSync(file, 'utf8') : '';
    const specifiers = [
      ...[...text.matchAll(DECLARATION)].flatMap(([, isType, specifier]) => (isType ? [] : [specifier])),
      ...[...text.matchAll(DYNAMIC)].map(([, specifier]) => specifier),
    ];
    found = specifiers.map((specifier) => fileOf(file, specifier)).filter(Boolean);
    valueImports.set(file, found);
  }
  return found;
}

/** The files through which one file imports another, both included; undefined if it does not. Does not visit files twice. */
function pathBetween(from, to, visited) {
  if (from === to) return [to];
  if (visited.has(from)) return undefined;
  visited.add(from);
  for (const next of valueImportsOf(from)) {
    const path = pathBetween(next, to, visited);
    if (path) return [from, ...path];
  }
  return undefined;
}

/** Visits each import of the linted file that refers to a file of this workspace. */
function visitImports(context, onImport) {
  const visit = (node) => {
    if (typeof node.source?.value !== 'string') return;
    const file = fileOf(context.filename, node.source.value);
    const isType = node.importKind === 'type' || node.exportKind === 'type';
    if (file) onImport(node.source, file, isType);
  };
  return {
    ImportDeclaration: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
    ImportExpression: visit,
  };
}

const noCycle = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const visited = new Set();
    return visitImports(context, (node, file, isType) => {
      const path = isType ? undefined : pathBetween(file, context.filename, visited);
      if (!path) return;
      const names = path.map((one) => relative(root, one)).join(' imports ');
      context.report({ node, message: `Import cycle: ${names}.` });
    });
  },
};

const layers = {
  meta: { type: 'problem', schema: [{ type: 'object' }] },
  create(context) {
    const { table, shared } = context.options[0];
    const placeOf = (file) => {
      const path = relative(root, file).split(sep).join('/');
      const project = Object.keys(table).find((one) => path.startsWith(`${one}/`));
      const name = project && path.slice(project.length + 1).split('/')[0];
      const level = project
        ? table[project].findIndex((layer) => layer.some((names) => has(names, name)))
        : -1;
      const isShared =
        project && shared[`${project}/${name}`]?.includes(path.slice(`${project}/${name}/`.length));
      return { project, name, level, isShared };
    };
    const own = placeOf(context.filename);
    if (own.level === -1) return {};
    const mayImport = (other) =>
      other.project !== own.project ||
      other.level === -1 ||
      other.level < own.level ||
      other.isShared ||
      table[own.project][own.level].some((names) => has(names, own.name) && has(names, other.name));
    return visitImports(context, (node, file) => {
      if (mayImport(placeOf(file))) return;
      context.report({ node, message: 'It is not in a lower layer: see LAYERS in eslint.config.mjs.' });
    });
  },
};

/** Whether names joined by `+` contain one. */
function has(names, name) {
  return names.split('+').includes(name);
}

export const imports = { rules: { 'no-cycle': noCycle, layers } };
