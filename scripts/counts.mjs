import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const NOT_SOURCE = new Set(['node_modules', 'dist', 'cdk.out', 'out', 'coverage']);

/**
 * Names of the projects with specs.
 *
 * @param {string} root the workspace's folder
 * @returns {string[]}
 */
export function projectsWithSpecs(root) {
  const groups = ['apps', 'libs', 'tools'].map((group) => join(root, group));
  const folders = groups.flatMap((group) =>
    readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(group, name)),
  );
  return [...folders, join(root, 'scripts')].flatMap((folder) => {
    const name = projectName(folder);
    return name !== undefined && hasSpecs(folder) ? [name] : [];
  });
}

/**
 * Adds up the results of test runs.
 *
 * @param {string} folder the folder of the results
 * @param {readonly string[]} expected names of the results that must exist
 * @returns {Counts & { without: string[] }} `without`: the missing results, each of which counts as one failure
 */
export function addUp(folder, expected) {
  const results = new Map(
    jsonFiles(folder).map((file) => [
      file.slice(0, -'.json'.length),
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    ]),
  );
  const sum = (key) => [...results.values()].reduce((total, counts) => total + counts[key], 0);
  const without = expected.filter((name) => !results.has(name));
  return {
    passed: sum('passed'),
    failed: sum('failed') + without.length,
    skipped: sum('skipped'),
    without,
  };
}

/**
 * `12 passed, 0 failed`, followed by the number of skipped tests if there are any.
 *
 * @param {Counts} counts
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function projectName(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8')).name;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function hasSpecs(folder) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? !NOT_SOURCE.has(entry.name) && hasSpecs(join(folder, entry.name))
      : /\.spec\.m?ts$|\.spec\.mjs$/.test(entry.name),
  );
}

function jsonFiles(folder) {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
