import { findBrowser, type Machine } from './browser.ts';

const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

function machine(changes: Partial<Machine>, files: string[] = []): Machine {
  return { platform: 'linux', arch: 'x64', env: {}, exists: (file) => files.includes(file), ...changes };
}

describe('findBrowser', () => {
  it('takes the browser of the package on Linux x64', () => {
    expect(findBrowser(machine({}, ['/usr/bin/chromium']))).toEqual({ kind: 'package' });
  });

  it('takes an installed Chrome elsewhere', () => {
    expect(findBrowser(machine({ arch: 'arm64' }, ['/usr/bin/chromium']))).toEqual({
      kind: 'path',
      path: '/usr/bin/chromium',
    });
    expect(findBrowser(machine({ platform: 'darwin', arch: 'arm64' }, [MAC]))).toEqual({
      kind: 'path',
      path: MAC,
    });
  });

  it('prefers CHROME_PATH, and refuses one that does not exist', () => {
    const env = { CHROME_PATH: '/opt/chrome' };
    expect(findBrowser(machine({ env }, ['/opt/chrome']))).toEqual({ kind: 'path', path: '/opt/chrome' });
    expect(() => findBrowser(machine({ env }))).toThrow('/opt/chrome, which does not exist');
  });

  it('says why there is none', () => {
    expect(findBrowser(machine({ arch: 'arm64' }))).toEqual({
      kind: 'none',
      reason: 'no Chrome is installed on this linux arm64, and CHROME_PATH is not set',
    });
  });
});
