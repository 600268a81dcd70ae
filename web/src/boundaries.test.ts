// Checks the boundaries of the page: it imports from src/ only the types of records and of the client, and no component
// contains a sentence.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'),
);
const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');

describe('the page', () => {
  test('imports only preact, uPlot, its own files, and types of records and of the client', () => {
    const outside = files.flatMap((name) =>
      [...read(name).matchAll(/^import\s+(type\s+)?[^;]*?from\s+'([^']+)'/gm)]
        .filter(
          ([, type, from]) =>
            !/^(preact$|preact\/hooks$|uplot$)/.test(from!) &&
            !isOwnFile(name, from!) &&
            !isSharedType(type, from!),
        )
        .map(([, , from]) => `${name}: ${from}`),
    );
    expect(outside).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  test('loads the studio only when it is shown', () => {
    const early = files.filter((name) => !name.startsWith('studio/'));
    for (const name of early)
      expect([name, /^import\s(?!type)[^;]*?studio\//m.test(read(name))]).toEqual([name, false]);
  });

  test('takes every sentence from the tables of strings', () => {
    for (const name of files.filter((file) => file.endsWith('.tsx')))
      expect([name, read(name).match(/>\s*[A-Za-z][a-z]+[a-z ,.]*\s*<\//g)]).toEqual([name, null]);
  });

  test('sets no markup and no style that the content security policy refuses', () => {
    for (const name of files)
      expect([name, /dangerouslySetInnerHTML|innerHTML|\bstyle=/.test(read(name))]).toEqual([name, false]);
  });
});

function isSharedType(type: string | undefined, from: string): boolean {
  return (
    type !== undefined &&
    /^(?:\.\.\/){2,4}src\/(?:foundation\/records\/|client\/(?:studio-)?types\.ts$)/.test(from)
  );
}

function isOwnFile(name: string, from: string): boolean {
  return from.startsWith('.') && resolve(folder, dirname(name), from).startsWith(folder);
}
