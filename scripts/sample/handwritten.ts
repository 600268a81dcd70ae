// The hand-written pieces: text files of blocks "@ LABEL | topic | outlet | date", a title line, then the text.
import { readFileSync } from 'node:fs';
import { type Topic, topics } from './frames.ts';
import type { Label } from './plans.ts';

export interface Piece {
  readonly title: string;
  readonly text: string;
  readonly label: Label;
  readonly source: string;
  readonly topic: Topic;
  readonly date: string;
}

/** Reads scripts/sample/handwritten/<name>.txt. */
export function loadPieces(name: string): Piece[] {
  const file = readFileSync(new URL(`./handwritten/${name}.txt`, import.meta.url), 'utf8');
  return file
    .split(/^@ /m)
    .slice(1)
    .map((block) => {
      const [head = '', title = '', ...rest] = block.split('\n');
      const [label, topic, source, date] = head.split(' | ').map((part) => part.trim());
      const known = topics.find((candidate) => candidate === topic);
      if ((label !== 'FAKE' && label !== 'REAL') || known === undefined || !source || !date) {
        throw new Error(`${name}.txt: expected "@ LABEL | topic | outlet | date", got "@ ${head}"`);
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
