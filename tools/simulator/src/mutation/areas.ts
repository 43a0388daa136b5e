/** The code on which "no file lost, none delivered twice" depends. */
export const AREAS = {
  ledger: 'libs/shared-processing/src/ledger/**/*.ts',
  bundling: 'libs/bundling/src/**/*.ts',
  extraction: 'apps/consumer/src/extract/**/*.ts',
  requeue: 'libs/shared-processing/src/requeue/**/*.ts',
  reconciler: 'apps/reconciler/src/**/*.ts',
  replayer: 'apps/replayer/src/**/*.ts',
} as const;

export type Area = keyof typeof AREAS;

/** Folders whose specs reach the areas. */
const SPECS = [
  'libs/bundling/src',
  'libs/shared-processing/src/ledger',
  'libs/shared-processing/src/requeue',
  'apps/consumer/src',
  'apps/reconciler/src',
  'apps/replayer/src',
];

/** The folders whose specs run: those of the areas, and those of the projects of other files. */
export function specFoldersFor(globs: readonly string[]): string[] {
  const isInArea = (glob: string) => SPECS.some((folder) => glob.startsWith(`${folder}/`));
  const projects = globs.filter((glob) => !isInArea(glob)).map((glob) => glob.split('/', 2).join('/'));
  const folders = [...new Set([...SPECS, ...projects.map((project) => `${project}/src`)])];
  return folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}
