// The declarations, functions and comments of src/, read with the TypeScript parser that Vite brings along.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { listSourceFiles, repositoryRoot } from './source-imports.ts';

export interface SourceExport {
  readonly name: string;
  /** Path below src/. */
  readonly file: string;
}

export interface SourceFunction {
  /** Name of the declaration, with the class in front of a method. */
  readonly name: string;
  readonly file: string;
  readonly lines: number;
  /** Whether a comment in it or right above it gives the reason for its length. */
  readonly hasReason: boolean;
}

export interface SourceText {
  readonly file: string;
  readonly comments: readonly string[];
  readonly identifiers: readonly string[];
}

/** Every exported function, class, const and type that is declared in its file; re-exports do not count. */
export function listExports(): readonly SourceExport[] {
  return listParsed().flatMap(({ file, body }) =>
    body.flatMap((statement) =>
      statement.type === 'ExportNamedDeclaration' && isNode(statement.declaration)
        ? declaredNames(statement.declaration).map((name) => ({ name, file }))
        : [],
    ),
  );
}

/** Every function declared at the top of a file (const arrows too) and every method of a class, with its length. */
export function listFunctions(): readonly SourceFunction[] {
  return listParsed().flatMap(({ file, text, body, comments }) => {
    const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
    const measure = (name: string, node: Node, outer: Node): SourceFunction => ({
      name,
      file,
      lines: lineAt(node.end) - lineAt(node.start) + 1,
      hasReason: comments.some(
        ({ value, start, end }) =>
          /Longer than 80 lines because \w/.test(value) &&
          end <= node.end &&
          (start >= node.start || text.slice(end, outer.start).trim() === ''),
      ),
    });
    return body.flatMap((statement) => {
      const declaration = isNode(statement.declaration) ? statement.declaration : statement;
      if (declaration.type === 'FunctionDeclaration')
        return [measure(declaredNames(declaration)[0] ?? 'default', declaration, statement)];
      if (declaration.type === 'VariableDeclaration')
        return (declaration.declarations as Node[]).flatMap((one) =>
          isNode(one.init) && /Function/.test(one.init.type)
            ? [measure(declaredNames(declaration)[0]!, one.init, statement)]
            : [],
        );
      if (declaration.type !== 'ClassDeclaration') return [];
      const [className = ''] = declaredNames(declaration);
      const members = (declaration.body as Node).body as Node[];
      return members
        .filter(({ type }) => type === 'MethodDefinition')
        .map((member) => measure(`${className}.${(member.key as { name?: string }).name}`, member, member));
    });
  });
}

/** The comments and the identifiers of every file. */
export function listTexts(): readonly SourceText[] {
  return listParsed().map(({ file, body, comments }) => {
    const identifiers = new Set<string>();
    for (const statement of body) collectIdentifiers(statement, identifiers);
    return { file, comments: comments.map(({ value }) => value), identifiers: [...identifiers] };
  });
}

/** The texts of the string literals, templates and regular expressions of every file; paths of imports do not count. */
export function listStrings(): readonly { readonly file: string; readonly strings: readonly string[] }[] {
  return listParsed().map(({ file, body }) => {
    const strings: string[] = [];
    for (const statement of body) collectStrings(statement, strings);
    return { file, strings };
  });
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface ParsedFile {
  readonly file: string;
  readonly text: string;
  readonly body: readonly Node[];
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[];
}

let parsed: readonly ParsedFile[] | undefined;

/** All source files but tests. */
function listParsed(): readonly ParsedFile[] {
  parsed ??= listSourceFiles()
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => {
      const text = readFileSync(join(repositoryRoot, 'src', file), 'utf8');
      const { program, comments } = parseSync(file, text, { lang: 'ts' });
      return { file, text, body: program.body as unknown as Node[], comments };
    });
  return parsed;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Overloads repeat a name, so names are distinct. */
function declaredNames(declaration: Node): readonly string[] {
  const declarations = declaration.type === 'VariableDeclaration' ? declaration.declarations : [declaration];
  return [...new Set((declarations as Node[]).map(({ id }) => (id as { name?: string } | null)?.name ?? ''))];
}

function collectIdentifiers(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectIdentifiers(item, found);
  else if (isNode(value)) {
    if (value.type === 'Identifier' || value.type === 'PrivateIdentifier') found.add(String(value.name));
    for (const key of Object.keys(value)) collectIdentifiers(value[key], found);
  }
}

function collectStrings(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const item of value) collectStrings(item, found);
  else if (isNode(value)) {
    if (isNode(value.source) && /^(Import|Export)/.test(value.type)) return;
    if (value.type === 'Literal') found.push(String(value.raw));
    if (value.type === 'TemplateElement') found.push((value.value as { raw: string }).raw);
    for (const key of Object.keys(value)) collectStrings(value[key], found);
  }
}
