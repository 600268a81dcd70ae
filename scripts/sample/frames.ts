// Loads the frames. A frame is an invented story: people, events, figures, and how a careful and a careless reporter tell
// it. Both classes are written from the same frames, so that neither topic nor story gives the label away.
import { readFileSync } from 'node:fs';
import { parseBanks } from './grammar.ts';

export const topics = [
  'health',
  'transport',
  'weather',
  'budget',
  'sport',
  'science',
  'wildlife',
  'technology',
  'consumer',
  'culture',
  'schools',
  'energy',
] as const;
export type Topic = (typeof topics)[number];

const proseKeys = ['title', 'loud', 'check', 'lead', 'fact', 'figure', 'claim', 'odd', 'plain'] as const;
export type ProseKey = (typeof proseKeys)[number];

export interface Frame {
  readonly name: string;
  readonly topic: Topic;
  /** Singular noun phrase with article: "the ferry". */
  readonly subject: string;
  readonly body: string;
  /** Plural noun phrase without article. */
  readonly people: string;
  readonly roles: readonly string[];
  readonly total: readonly [number, number];
  readonly before: readonly [number, number];
  readonly prose: Readonly<Record<ProseKey, readonly string[]>>;
}

/** All frames, in the order of the topics and files. */
export function loadFrames(): Frame[] {
  return topics.flatMap((topic) => {
    const text = readFileSync(new URL(`./frames/${topic}.txt`, import.meta.url), 'utf8');
    return [...parseBanks(text)].map(([name, lines]) => parseFrame(name, topic, lines));
  });
}

function parseFrame(name: string, topic: Topic, lines: readonly string[]): Frame {
  const values = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const one = (key: string): string => {
    const [value, ...rest] = values(key);
    if (value === undefined || rest.length > 0) throw new Error(`${topic}/${name}: expected one ${key}`);
    return value;
  };
  const range = (key: string): [number, number] => {
    const [low, high] = one(key).split('-').map(Number);
    if (low === undefined || high === undefined) throw new Error(`${topic}/${name}: ${key} is no range`);
    return [low, high];
  };
  const prose = Object.fromEntries(
    proseKeys.map((key) => {
      const found = values(key);
      if (found.length < 2) throw new Error(`${topic}/${name}: expected two or more ${key}`);
      return [key, found];
    }),
  ) as Record<ProseKey, string[]>;
  return {
    name,
    topic,
    subject: one('subject'),
    body: one('body'),
    people: one('people'),
    roles: one('role').split(' | '),
    total: range('total'),
    before: range('before'),
    prose,
  };
}
