import { describe, expect, it } from 'vitest';
import { licenceOf } from '../../scripts/package/licence.ts';

const aFile = (name: string, text: string) => ({ name, text: async () => text });

describe('the licence of a bundled package', () => {
  it('has the text and the notices of the package', async () => {
    const files = [aFile('LICENSE.md', 'Licence\n'), aFile('NOTICE', 'Notice\n'), aFile('index.js', 'code')];

    expect(await licenceOf({ name: 'a', license: 'MIT' }, files)).toEqual({
      licence: 'MIT',
      licenceText: 'Licence\n\nNotice',
    });
  });

  it.each(['## License', 'License\n-------'])(
    'has the text of the README where there is no file, below %j',
    async (head) => {
      const files = [aFile('README.md', `# a\n\nUse it.\n\n${head}\n\n(The MIT License)\n\nPermission is granted\n`)];

      const { licenceText } = await licenceOf({ name: 'a', license: 'MIT' }, files);

      expect(licenceText).toBe(`${head}\n\n(The MIT License)\n\nPermission is granted`);
    },
  );

  it('has the standard text, and says so, where the package only names it', async () => {
    const readme = aFile('README.md', '# a\n\n## License\n\nMIT\n');

    const { licenceText } = await licenceOf({ name: 'a', license: 'ISC', author: { name: 'Ann' } }, [readme]);

    expect(licenceText).toMatch(
      /^The package has no text of the licence that it names, which is ISC.*\n\nCopyright \(c\) Ann\n\nPermission/,
    );
  });

  it.each(['MIT', 'Apache License 2.0', '(MIT OR GPL-3.0-only)', 'BlueOak-1.0.0'])('may be %s', async (license) => {
    await expect(licenceOf({ name: 'a', license }, [aFile('LICENSE', 'text')])).resolves.toBeDefined();
  });

  it.each(['GPL-3.0-only', 'MIT AND GPL-2.0-only', 'SEE LICENSE IN x', '', undefined])(
    'must not be %s',
    async (license) => {
      await expect(licenceOf({ name: 'a', license }, [aFile('LICENSE', 'text')])).rejects.toThrow('a has the licence');
    },
  );

  it('must have a text', async () => {
    await expect(licenceOf({ name: 'a', license: 'BlueOak-1.0.0' }, [])).rejects.toThrow('no text of its licence');
  });
});
