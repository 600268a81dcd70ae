import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { writeCurl, writeTypeScript } from './snippets.ts';

const ARTICLE = { title: `It's "a $HOME \`x\` \\n`, text: 'two\nlines, \u2028 and ’' };
const URL = 'http://127.0.0.1:8000';

describe('writeCurl', () => {
  test('passes the article through the shell unchanged', () => {
    const command = writeCurl(ARTICLE, { url: URL, withKey: false });
    const shown = execFileSync('sh', ['-c', command.replace(/^curl /, `printf '%s\\n' `)], {
      encoding: 'utf8',
    });
    const lines = shown.split('\n');
    expect(lines[0]).toBe(`${URL}/v1/predict`);
    expect(JSON.parse(lines[4]!)).toEqual(ARTICLE);
  });

  test('leaves out an empty title or text', () => {
    const options = { url: URL, withKey: false };
    expect(writeCurl({ title: '', text: 'Trop cher.' }, options)).toContain(`'{"text":"Trop cher."}'`);
    expect(writeCurl({ title: 'Trop cher', text: '' }, options)).toContain(`'{"title":"Trop cher"}'`);
    expect(writeTypeScript({ title: '', text: 'Trop cher.' }, options)).toContain(
      'client.predict({\n  text: "Trop cher.",\n});',
    );
  });

  test('names an API key only by its variable', () => {
    expect(writeCurl(ARTICLE, { url: URL, withKey: true })).toContain(
      '"authorization: Bearer $VERACITY_KEY"',
    );
  });
});

describe('writeTypeScript', () => {
  test('writes string literals that evaluate to the same strings', () => {
    const code = writeTypeScript(ARTICLE, { url: URL, withKey: true });
    const [, title] = /title: (".*"),/.exec(code)!;
    expect(JSON.parse(title!)).toBe(ARTICLE.title);
    expect(code).toContain("key: process.env.VERACITY_KEY ?? ''");
  });
});
