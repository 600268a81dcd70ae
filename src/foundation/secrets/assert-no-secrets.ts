// Refuses files that hold what looks like a secret, before they leave this machine.
import { appError } from '../core/index.ts';
import { ALLOWED_SECRETS_FILE, type AllowedSecret, isAllowedSecret } from './allowed-secrets.ts';
import { findSecrets } from './find-secrets.ts';
import type { SecretKind } from './secret-kinds.ts';

export interface CheckedFile {
  readonly path: string;
  /** What messages call it, and lists of allowed places: relative to the user's folder. */
  readonly name: string;
}

export interface SecretCheck {
  /** What is refused, for the message: "push", "add", "put into an image". */
  readonly action: string;
  readonly allowed: readonly AllowedSecret[];
  readonly signal?: AbortSignal | undefined;
  /** Called after each file with the number of secrets found, allowed ones included. */
  readonly onFile?: (file: CheckedFile, found: number) => void;
}

export interface SecretPlace extends SecretKind {
  readonly file: string;
  /** null in a binary file. */
  readonly line: number | null;
}

/** The places in all files that are not allowed, in the order of the files. */
export async function listSecrets(
  files: Iterable<CheckedFile>,
  check: Omit<SecretCheck, 'action'>,
): Promise<SecretPlace[]> {
  const places: SecretPlace[] = [];
  for (const file of files) {
    check.signal?.throwIfAborted();
    const found = await findSecrets(file.path, { name: file.name, signal: check.signal });
    for (const { line, kind, words } of found)
      if (!isAllowedSecret(check.allowed, file.name, line))
        places.push({ file: file.name, line, kind, words });
    check.onFile?.(file, found.length);
  }
  return places;
}

/** @throws SECRET_FOUND with one issue for each place; texts show the first of them */
export async function assertNoSecrets(files: Iterable<CheckedFile>, check: SecretCheck): Promise<void> {
  const places = await listSecrets(files, check);
  const [first] = places;
  if (first === undefined) return;
  const more = places.length - 1;
  throw appError(
    'SECRET_FOUND',
    {
      place: formatSecretPlace(first),
      words: first.words,
      more: more === 0 ? '' : ` (and ${more} more place${more === 1 ? '' : 's'})`,
      action: check.action,
      list: ALLOWED_SECRETS_FILE,
    },
    {
      issues: places.map((place) => ({
        path: formatSecretPlace(place),
        code: place.kind,
        message: `looks like ${place.words}`,
      })),
    },
  );
}

/** FILE:LINE */
export function formatSecretPlace({ file, line }: Pick<SecretPlace, 'file' | 'line'>): string {
  return line === null ? file : `${file}:${line}`;
}
