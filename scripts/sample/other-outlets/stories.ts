// Loads the stories. A story happens in one place: facts, a product, a picture and a cause, each with the truth and the
// claims about it. True and false articles are written from the same stories.
import { readFileSync } from 'node:fs';
import { parseBanks } from '../grammar.ts';

export const topics = [
  'farming',
  'water',
  'housing',
  'courts',
  'food',
  'money',
  'health',
  'science',
] as const;
export type Topic = (typeof topics)[number];

const textKeys = [
  'subject',
  'group',
  'office',
  'measured',
  'trend',
  'product',
  'promise',
  'tested',
  'trueCause',
  'falseCause',
  'picture',
  'passedOff',
  'origin',
] as const;
const listKeys = ['title', 'question', 'bold', 'scene', 'fact'] as const;

export interface Story {
  readonly name: string;
  readonly topic: Topic;
  readonly roles: readonly string[];
  /** How many people of the group there are. */
  readonly total: readonly [number, number];
  /** Where the trend moves. */
  readonly range: readonly [number, number];
  readonly text: Readonly<Record<(typeof textKeys)[number], string>>;
  readonly lines: Readonly<Record<(typeof listKeys)[number], readonly string[]>>;
}

export function loadStories(): Story[] {
  const file = readFileSync(new URL('./stories.txt', import.meta.url), 'utf8');
  return [...parseBanks(file)].map(([heading, lines]) => parseStory(heading, lines));
}

function parseStory(heading: string, lines: readonly string[]): Story {
  const [topic, name] = heading.split('/');
  const known = topics.find((candidate) => candidate === topic);
  if (known === undefined || name === undefined) throw new Error(`no topic in the heading ${heading}`);
  const list = (key: string): string[] => {
    const found = lines
      .filter((line) => line.startsWith(`${key}: `))
      .map((line) => line.slice(key.length + 2));
    if (found.length === 0) throw new Error(`${heading}: expected a line ${key}`);
    return found;
  };
  const one = (key: string): string => list(key)[0]!;
  const range = (key: string): [number, number] => {
    const [low = Number.NaN, high = Number.NaN] = one(key).split('-').map(Number);
    if (!(low < high)) throw new Error(`${heading}: ${key} is no range`);
    return [low, high];
  };
  return {
    name,
    topic: known,
    roles: one('role').split(' | '),
    total: range('total'),
    range: range('range'),
    text: Object.fromEntries(textKeys.map((key) => [key, one(key)])) as Story['text'],
    lines: Object.fromEntries(listKeys.map((key) => [key, list(key)])) as unknown as Story['lines'],
  };
}
