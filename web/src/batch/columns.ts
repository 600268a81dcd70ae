// Which columns of a file hold the articles: those of the model's training file, else title, text and id, by the rules of
// the server. The page decides once and names them in every request, since it sends a file in parts.
import type { ModelFacts } from '../api.ts';

export type Role = 'title' | 'text' | 'id';
export const ROLES: readonly Role[] = ['title', 'text', 'id'];
/** The column of each role; null: none. */
export type ColumnChoice = { readonly [R in Role]: string | null };
export type ModelColumns = NonNullable<ModelFacts['columns']>;

export interface Proposal {
  readonly choice: ColumnChoice;
  /** False if a person should choose: a part of the articles is missing, and the file has columns that could be it. */
  readonly isSure: boolean;
}

/** Proposes the columns to read. @param model  null: the model did not record its columns */
export function proposeColumns(names: readonly string[], model: ModelColumns | null): Proposal {
  const choice: Record<Role, string | null> = { title: null, text: null, id: null };
  for (const rank of [0, 1]) {
    for (const role of ROLES) {
      const name = listNames(role, model)[rank];
      if (choice[role] !== null || name === undefined) continue;
      choice[role] = findName(name, names, Object.values(choice)) ?? null;
    }
  }
  const expected = (['title', 'text'] as const).filter((role) => listNames(role, model).length > 0);
  const missing = expected.filter((role) => choice[role] === null);
  const known = [...Object.values(choice), ...Object.values(model ?? { label: 'label' })];
  const others = names.filter((name) => !known.includes(name));
  const hasNone = choice.title === null && choice.text === null;
  return { choice, isSure: !hasNone && (missing.length === 0 || others.length === 0) };
}

/** The names of the articles' columns that a file should have, the model's before the usual ones. */
export function listExpected(model: ModelColumns | null): string[] {
  const names = (['title', 'text'] as const)
    .map((role) => model?.[role] ?? null)
    .filter((name) => name !== null);
  return names.length > 0 ? names : ['title', 'text'];
}

/** Spells a choice as the parameter `columns` of POST /v1/batch; every name stands in quotes. */
export function formatChoice(choice: ColumnChoice): string {
  return ROLES.map((role) => {
    const name = choice[role];
    return `${role}=${name === null ? '' : `"${name.replaceAll('"', '""')}"`}`;
  }).join(',');
}

function listNames(role: Role, model: ModelColumns | null): readonly string[] {
  const own = model?.[role];
  if (own === undefined || (own === null && role === 'id')) return [role];
  return own === null ? [] : own === role ? [role] : [own, role];
}

function findName(
  name: string,
  names: readonly string[],
  taken: readonly (string | null)[],
): string | undefined {
  const free = names.filter((other) => !taken.includes(other));
  return free.includes(name) ? name : free.find((other) => loosen(other) === loosen(name));
}

const loosen = (name: string): string => name.normalize('NFC').trim().toLowerCase();
