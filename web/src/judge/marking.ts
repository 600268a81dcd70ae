// Which passages are marked, and how strongly: relative to the strongest one, and never for next to nothing.
import type { Explanation } from '../api.ts';

/** A passage of the article as it was sent; `start` is its first character, `end` the one after its last. */
export interface Place {
  readonly field: 'title' | 'text';
  readonly start: number;
  readonly end: number;
}

export interface Passage extends Place {
  /** In log-odds of the named class: how far they fall without it; below zero it speaks against the class. */
  readonly influence: number;
  /** Probability of the class without it; null where it was not left out by itself. */
  readonly probabilityWithout: number | null;
}

export type Level = 'sentences' | 'words';
export type Tone = 'for' | 'against';
export interface Mark {
  readonly tone: Tone;
  readonly strong: boolean;
}
export interface Segment {
  readonly text: string;
  /** unread: the model did not see it. */
  readonly mark: Mark | 'unread' | null;
  /** Where a marked passage begins; its later pieces repeat no sign. */
  readonly first: boolean;
}

/** At one half this is a point of probability. */
const MIN_INFLUENCE = 0.04;
const MARKED = 0.15;
const STRONG = 0.5;
/** A text in which every other word is marked shows nothing. */
const MARKED_SHARE = 0.25;
const ALWAYS_MARKED = 6;

/** Is it the gradient's shares that are shown? They are, where nothing was left out by itself. */
export function isByGradient(explanation: Explanation, level: Level): boolean {
  return !explanation[level].some(({ marginInfluence }) => marginInfluence !== null);
}

/** What was left out by itself; where no word was, the gradient's shares of all of them. */
export function listPassages(explanation: Explanation, level: Level): Passage[] {
  const all = explanation[level];
  const byGradient = isByGradient(explanation, level);
  return all.flatMap(({ field, start, end, influence, marginInfluence, gradient }) => {
    const value = byGradient ? gradient : marginInfluence;
    const probabilityWithout = influence === null ? null : explanation.probability - influence;
    return value === null ? [] : [{ field, start, end, influence: value, probabilityWithout }];
  });
}

/** The mark of each passage, from all of them. */
export function gradePassages(passages: readonly Passage[]): (passage: Passage) => Mark | null {
  const sizes = passages.map(({ influence }) => Math.abs(influence)).sort((a, b) => b - a);
  const strongest = sizes[0] ?? 0;
  const most = Math.max(ALWAYS_MARKED, Math.ceil(passages.length * MARKED_SHARE));
  const least = Math.max(MIN_INFLUENCE, strongest * MARKED, sizes[most - 1] ?? 0);
  return ({ influence }) => {
    const size = Math.abs(influence);
    if (size < least) return null;
    return { tone: influence > 0 ? 'for' : 'against', strong: size >= strongest * STRONG };
  };
}

/** The field's text, cut where marks begin and end. Nothing is lost, whatever the passages are. */
export function cutIntoSegments(
  text: string,
  passages: readonly Passage[],
  unread: readonly Place[],
  grade: (passage: Passage) => Mark | null,
): Segment[] {
  const marked = passages.filter((passage) => grade(passage) !== null);
  const cuts = new Set([0, text.length]);
  for (const { start, end } of [...marked, ...unread])
    for (const place of [start, end]) if (place > 0 && place < text.length) cuts.add(place);
  const places = [...cuts].sort((a, b) => a - b);
  const begun = new Set<Passage>();
  const segments: Segment[] = [];
  places.slice(0, -1).forEach((start, index) => {
    const end = places[index + 1]!;
    const covers = (place: Place): boolean => place.start <= start && place.end >= end;
    const passage = marked.find(covers);
    const isUnread = unread.some(covers);
    const mark = isUnread ? 'unread' : passage === undefined ? null : grade(passage);
    const first = passage !== undefined && !isUnread && !begun.has(passage);
    if (first) begun.add(passage);
    segments.push({ text: text.slice(start, end), mark, first });
  });
  return segments;
}

export interface RankedPassage {
  readonly passage: Passage;
  readonly mark: Mark;
}

/** The passages that moved it most, strongest first. */
export function rankPassages(
  passages: readonly Passage[],
  grade: (passage: Passage) => Mark | null,
  count: number,
): RankedPassage[] {
  return passages
    .flatMap((passage) => {
      const mark = grade(passage);
      return mark === null ? [] : [{ passage, mark }];
    })
    .sort((a, b) => Math.abs(b.passage.influence) - Math.abs(a.passage.influence))
    .slice(0, count);
}
