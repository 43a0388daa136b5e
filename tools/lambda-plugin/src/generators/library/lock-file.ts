/** The part of package-lock.json that contains workspace packages. */
interface LockFile {
  packages: Record<string, object>;
}

/**
 * Adds a workspace package to a package-lock.json as `npm install` would: its folder, and its link in node_modules.
 * `npm ci` then links it on other machines, and no registry is needed.
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
  // In npm's order.
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}
