// The hand-written pieces: text files of blocks "@ LABEL | topic | outlet | date", a title line, then the text.
import { readFileSync } from 'node:fs';
import { type Topic, topics } from './frames.ts';
import type { Label } from './plans.ts';

export interface Piece<T extends string = Topic> {
  readonly title: string;
  readonly text: string;
  readonly label: Label;
  readonly source: string;
  readonly topic: T;
  readonly date: string;
}

/** Reads scripts/sample/handwritten/<name>.txt. */
export function loadPieces(name: string): Piece[] {
  const file = readFileSync(new URL(`./handwritten/${name}.txt`, import.meta.url), 'utf8');
  return parsePieces(file, `${name}.txt`, topics);
}

/** @param name  of the file, for errors */
export function parsePieces<T extends string>(
  file: string,
  name: string,
  knownTopics: readonly T[],
): Piece<T>[] {
  return file
    .split(/^@ /m)
    .slice(1)
    .map((block) => {
      const [head = '', title = '', ...rest] = block.split('\n');
      const [label, topic, source, date] = head.split(' | ').map((part) => part.trim());
      const known = knownTopics.find((candidate) => candidate === topic);
      if ((label !== 'FAKE' && label !== 'REAL') || known === undefined || !source || !date) {
        throw new Error(`${name}: expected "@ LABEL | topic | outlet | date", got "@ ${head}"`);
      }
      return {
        title: title.trim(),
        text: rest.join(' ').replace(/\s+/g, ' ').trim(),
        label,
        source,
        topic: known,
        date,
      };
    });
}
