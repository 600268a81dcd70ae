// Places where a person has said that what looks like a secret is none: FILE:LINE, or FILE for all its lines.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appError } from '../core/index.ts';

/** The list in a folder; one place a line, with a reason after #. */
export const ALLOWED_SECRETS_FILE = '.allowed-secrets';

export interface AllowedSecret {
  /** As in messages: relative to the folder, with `/`. */
  readonly file: string;
  /** null: every line. */
  readonly line: number | null;
}

/**
 * Reads the list of `folder`, if there is one, and places from the command line.
 * @throws SECRET_PLACE_INVALID
 */
export function readAllowedSecrets(folder: string, flags: readonly string[] = []): AllowedSecret[] {
  const path = join(folder, ALLOWED_SECRETS_FILE);
  const listed = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return [
    ...listed.flatMap((line, at) => parsePlace(line.replace(/(?:^|\s)#.*$/, ''), `${path}:${at + 1}`)),
    ...flags.flatMap((flag) => parsePlace(flag, '--allow-secret')),
  ];
}

function parsePlace(text: string, where: string): AllowedSecret[] {
  const place = text.trim();
  if (place === '') {
    if (where === '--allow-secret') throw appError('SECRET_PLACE_INVALID', { where, got: 'nothing' });
    return [];
  }
  const [, file = '', digits] = /^(.+?)(?::(\d+))?$/.exec(place) ?? [];
  const line = digits === undefined ? null : Number(digits);
  if (line === 0) throw appError('SECRET_PLACE_INVALID', { where, got: place });
  return [{ file: normalise(file), line }];
}

export function isAllowedSecret(
  allowed: readonly AllowedSecret[],
  file: string,
  line: number | null,
): boolean {
  const name = normalise(file);
  return allowed.some((one) => one.file === name && (one.line === null || one.line === line));
}

function normalise(file: string): string {
  return file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
}
