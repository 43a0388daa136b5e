import { installedPackages } from './installed-packages.ts';

describe('the installed packages', () => {
  it('provide many small files with deep paths and scopes', async () => {
    const { files, leftOut } = await installedPackages();
    expect(files.length).toBeGreaterThan(1_000);
    expect(files.map(({ key }) => key)).toEqual(expect.arrayContaining(['nx/package.json', 'jest/LICENSE']));
    expect(files.some(({ key }) => key.startsWith('@aws-sdk/'))).toBe(true);
    expect(leftOut).toEqual([]);
  });
});
