// The flags that say how a file of articles is read: --encoding, --separator and --quotes.
import type { PredictFileRequest } from '../../workflows/predict/index.ts';
import type { Command } from './command.ts';

/** @param file  the flag of the file, such as --file */
export function describeReadingFlags(file: string): Command['options'] {
  const otherwise = "that of the model's training file";
  return [
    {
      flags: '--encoding <encoding>',
      description: `encoding of ${file} (default: found, or ${otherwise})`,
    },
    {
      flags: '--separator <separator>',
      description: `comma, semicolon, tab, pipe or another character between two fields of CSV (default: found from the header, or ${otherwise})`,
    },
    {
      flags: '--quotes <choice>',
      description: 'false: a quote in CSV is an ordinary character (default: found from the file)',
      values: ['true', 'false'],
    },
  ];
}

export const readingFlags = ['encoding', 'separator', 'quotes'] as const;

/** @param refuse  makes the error of a flag from its problem */
export function parseReadingFlags(
  read: (name: string) => string | null,
  refuse: (problem: string) => Error,
): PredictFileRequest['reading'] {
  const quotes = read('quotes');
  if (quotes !== null && quotes !== 'true' && quotes !== 'false')
    throw refuse(`expected true or false after --quotes, got ${quotes}`);
  return {
    encoding: read('encoding'),
    separator: read('separator'),
    quotes: quotes === null ? null : quotes === 'true',
  };
}
