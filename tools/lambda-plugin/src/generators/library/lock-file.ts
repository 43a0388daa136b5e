/** The part of a package-lock.json that workspace packages are in. */
interface LockFile {
  packages: Record<string, object>;
}

/**
 * A package-lock.json with a workspace package added, as `npm install` would leave it: its folder, and the link to it
 * in node_modules. So `npm ci` links it on every other machine, and nothing needs to ask a registry.
 */
export function withWorkspacePackage(
  lockFile: string,
  name: string,
  folder: string,
  version: string,
): string {
  const lock = JSON.parse(lockFile) as LockFile;
  const packages = {
    ...lock.packages,
    [folder]: { name, version },
    [`node_modules/${name}`]: { resolved: folder, link: true },
  };
  // npm's own order.
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}
