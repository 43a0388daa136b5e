import { withLiteralKeys, withStaticImports } from './lean-sdk.ts';

const lines = (...text: string[]) => text.join('\n');

describe('withLiteralKeys', () => {
  it('inlines keys that are constants of the file, and no others', () => {
    const source = lines(
      'const _v = "versionId";',
      'let _h = "httpQuery";',
      '({ [_v]: 1, [_h]: 2, [other]: 3 })',
    );
    expect(withLiteralKeys(source)).toBe(
      lines('const _v = "versionId";', 'let _h = "httpQuery";', '({ "versionId": 1, [_h]: 2, [other]: 3 })'),
    );
  });
});

describe('withStaticImports', () => {
  it('moves dynamic imports to the top', () => {
    expect(withStaticImports('const { a } = await import("x");\nconst b = await import("y");')).toBe(
      lines(
        'import * as imported0 from "x";',
        'import * as imported1 from "y";',
        'const { a } = imported0;',
        'const b = imported1;',
      ),
    );
  });
});
