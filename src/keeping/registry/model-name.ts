// Names of models: what may be registered, and the name that follows from the name of the data.
import { hashMd5 } from '../../foundation/core/index.ts';
import { modelNamePattern } from '../../foundation/records/index.ts';

const MAX_CHARS = 60;
/** Endings of files that hold articles. */
const FILE_ENDING = /(\.(csv|tsv|txt|jsonl|ndjson|json))?(\.gz)?$/i;
/** Letters that are no base letter with a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};
/** Read as a number or a constant on the command line (`register=2026`), or the name of a device on Windows. */
const MISREAD = /^(\d+(e\d+)?|null|true|false|nan|inf|infinity|con|prn|aux|nul|(com|lpt)\d)$/;

/**
 * True for a name that a model may be registered under. `run-…` is left to runs: a reference must mean one thing.
 */
export function isModelName(name: string): boolean {
  return modelNamePattern.test(name) && name.length <= MAX_CHARS && !name.startsWith('run-');
}

/**
 * The name of a model after its data: "Meine Beschwerden 2026.csv" gives meine-beschwerden-2026. A name without Latin
 * letters or digits gives data- and a hash of it.
 */
export function buildModelName(dataName: string): string {
  const plain = dataName
    .replace(FILE_ENDING, '')
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_CHARS)
    .replace(/^-+|-+$/g, '');
  if (plain === '') return `data-${hashMd5(dataName).slice(0, 8)}`;
  if (MISREAD.test(plain) || plain.startsWith('run-')) return `data-${plain}`.slice(0, MAX_CHARS);
  return plain;
}
