// Decides which passages are marked and how strongly: by how far the probability changes without them, whatever the other
// passages do.
import type { Explanation } from '../api.ts';

/** A passage of the article as it was sent; `start` is its first character, `end` the one after its last. */
export interface Place {
  readonly field: 'title' | 'text';
  readonly start: number;
  readonly end: number;
}

export interface Passage extends Place {
  /** How far the probability of the class falls without the passage; negative if it speaks against the class. */
  readonly influence: number;
  /** Probability of the class without the passage; null if the passage was not removed on its own. */
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
  /** unread: the model did not read it. */
  readonly mark: Mark | 'unread' | null;
  /** True for the first segment of a marked passage; later segments repeat no sign. */
  readonly first: boolean;
}

/** Changes of the probability from which a passage is marked, and marked strongly. */
export const MARKED_CHANGE = 0.02;
export const STRONG_CHANGE = 0.1;
/** At most this share of the passages is marked; more marks would be useless. */
const MARKED_SHARE = 0.25;
const ALWAYS_MARKED = 6;

/** Whether gradients are shown; they are used if no passage was removed on its own. */
export function isByGradient(explanation: Explanation, level: Level): boolean {
  return !explanation[level].some(({ marginInfluence }) => marginInfluence !== null);
}

/**
 * The passages that were removed on their own; if no word was, all words with their gradients.
 * @param temperature  of the model's calibration
 */
export function listPassages(explanation: Explanation, level: Level, temperature: number): Passage[] {
  const { probability } = explanation;
  const byGradient = isByGradient(explanation, level);
  return explanation[level].flatMap(({ field, start, end, influence, gradient }): Passage[] => {
    const place = { field, start, end };
    if (!byGradient) {
      if (influence === null) return [];
      return [{ ...place, influence, probabilityWithout: probability - influence }];
    }
    if (gradient === null) return [];
    const change = estimateChange(probability, gradient / temperature);
    return [{ ...place, influence: change, probabilityWithout: null }];
  });
}

/** How far a probability falls if its log-odds fall by `logOdds`. */
function estimateChange(probability: number, logOdds: number): number {
  const inside = Math.min(1 - 1e-9, Math.max(1e-9, probability));
  const without = Math.log(inside / (1 - inside)) - logOdds;
  return probability - 1 / (1 + Math.exp(-without));
}

/** Computes the mark of each passage: by its own change, so that many weak passages stay weak. */
export function gradePassages(passages: readonly Passage[]): (passage: Passage) => Mark | null {
  const sizes = passages.map(({ influence }) => Math.abs(influence)).sort((a, b) => b - a);
  const most = Math.max(ALWAYS_MARKED, Math.ceil(passages.length * MARKED_SHARE));
  const least = Math.max(MARKED_CHANGE, sizes[most - 1] ?? 0);
  return ({ influence }) => {
    const size = Math.abs(influence);
    if (size < least) return null;
    return { tone: influence > 0 ? 'for' : 'against', strong: size >= STRONG_CHANGE };
  };
}

/** Splits the text of a field where marks begin and end. No character is lost, whatever the passages are. */
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
    const last = segments.at(-1);
    if (isUnread && last?.mark === 'unread')
      segments[segments.length - 1] = { ...last, text: last.text + text.slice(start, end) };
    else segments.push({ text: text.slice(start, end), mark, first });
  });
  return segments;
}

export interface RankedPassage {
  readonly passage: Passage;
  readonly mark: Mark;
}

/** The most influential passages, the strongest first. */
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

/** The passage that changes the probability most, marked or not. */
export function findStrongest(passages: readonly Passage[]): Passage | undefined {
  return [...passages].sort((a, b) => Math.abs(b.influence) - Math.abs(a.influence))[0];
}
