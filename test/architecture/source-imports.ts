// The import statements of src/, read as text: enough for relative paths with extensions, which the compiler enforces.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));
const sourceRoot = join(repositoryRoot, 'src');

export interface SourceImport {
  /** Path below src/. */
  readonly from: string;
  /** Path below src/, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly isTest: boolean;
}

/** Every static and dynamic import in src/. */
export function listImports(): readonly SourceImport[] {
  return listSourceFiles().flatMap((file) => {
    const text = readFileSync(join(sourceRoot, file), 'utf8');
    const isTest = file.endsWith('.test.ts');
    return [
      ...text.matchAll(
        /(?:^|\n)\s*(?:import|export)\b[^;'"]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
      ),
    ].map((match) => {
      const specifier = match[1] ?? match[2] ?? match[3] ?? '';
      const isPackage = !specifier.startsWith('.');
      const to = isPackage ? specifier : relative(sourceRoot, join(sourceRoot, dirname(file), specifier));
      return { from: file, to, isPackage, isTest };
    });
  });
}

export function listSourceFiles(): readonly string[] {
  return readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

/** The room of a file: its folder below src/, two levels in the engine; a file beside the rooms is its own. */
export function roomOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] === 'engine' && parts.length > 2) return `engine/${parts[1]}`;
  return parts.length === 1 ? parts[0]!.replace(/\.ts$/, '') : parts[0]!;
}
