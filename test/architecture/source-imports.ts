// Lists the import statements of src/. They are matched as text, which suffices because the compiler enforces relative
// paths with extensions.
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
  /** `export … from`. */
  readonly isReexport: boolean;
  /** The imported names, as the other file calls them; of a dynamic import, the destructured ones. */
  readonly names: readonly string[];
  /** The names that are not imported as types only. */
  readonly values: readonly string[];
}

/** Lists every static and dynamic import in src/. */
export function listImports(): readonly SourceImport[] {
  return listSourceFiles().flatMap((file) => {
    const text = readFileSync(join(sourceRoot, file), 'utf8');
    const isTest = file.endsWith('.test.ts');
    return [...text.matchAll(IMPORT)].map((match) => {
      const [, keyword, staticNames, staticPath, dynamicNames, dynamicPath, barePath] = match;
      const specifier = staticPath ?? dynamicPath ?? barePath ?? '';
      const isPackage = !specifier.startsWith('.');
      const to = isPackage ? specifier : relative(sourceRoot, join(sourceRoot, dirname(file), specifier));
      const list = staticNames ?? dynamicNames ?? '';
      const names = splitNames(list);
      const values = /^\s*type\b/.test(list)
        ? []
        : splitNames(list.replace(/\btype\s+\w+(\s+as\s+\w+)?/g, ''));
      return { from: file, to, isPackage, isTest, isReexport: keyword === 'export', names, values };
    });
  });
}

/** import or export … from '…' | const { … } = await import('…') or import('…').then(({ … }) | import '…' */
const IMPORT =
  /(?:^|\n)\s*(import|export)\b([^;'"]*?)\bfrom\s+'([^']+)'|(?:\{([^{}]*)\}\s*=\s*await\s+|\b)import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

function splitNames(list: string): string[] {
  return list
    .replace(/^\s*type\b|[{}]/g, '')
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/(\s+as\s+|:).*$/, ''),
    )
    .filter((name) => name !== '');
}

export function listSourceFiles(): readonly string[] {
  return readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

/** Folders of src/ that are floor and room at once. */
const LONE_ROOMS = new Set(['client', 'public']);

/** The room of a file: `floor/room`, three levels in `engine/runtime`; a file directly in src/ is its own room. */
export function roomOf(file: string): string {
  const parts = file.split('/');
  if (parts.length === 1) return parts[0]!.replace(/\.ts$/, '');
  if (LONE_ROOMS.has(parts[0]!)) return parts[0]!;
  return parts.slice(0, parts[0] === 'engine' && parts[1] === 'runtime' ? 3 : 2).join('/');
}

/** The floor of a room. */
export function floorOf(room: string): string {
  return room.split('/')[0]!;
}

/** Whether a file is the door of its room, which other rooms import. */
export function isDoor(file: string): boolean {
  const room = roomOf(file);
  return LONE_ROOMS.has(room) || file === `${room}/index.ts` || file === `${room}.ts`;
}
