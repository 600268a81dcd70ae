// The history of checked articles. It is kept only in this browser's storage, and only while the history is switched on.
import { useEffect, useState } from 'preact/hooks';
import type { Article, PredictResponse } from '../api.ts';

export interface HistoryEntry extends Article {
  readonly id: string;
  /** false: the server kept no receipt, and `id` is that of the request. */
  readonly hasReceipt?: boolean;
  /** The time of the prediction, ISO 8601. */
  readonly at: string;
  readonly label: string;
  readonly probability: number;
  readonly abstained: boolean;
  readonly modelVersion: string;
}

export const MAX_ENTRIES = 50;
/** Browsers allow a page about 5 million characters of storage. */
const MAX_CHARS = 1_000_000;
const ENTRIES = 'veracity.history';
const SWITCH = 'veracity.history.off';
const listeners = new Set<() => void>();

export function readHistory(): readonly HistoryEntry[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(ENTRIES) ?? '[]');
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return []; // the storage is switched off, or another program wrote the entry
  }
}

export function isKeeping(): boolean {
  return read(SWITCH) === null;
}

/** Adds an entry at the top. An entry with the same article and model version is replaced. */
export function remember(article: Article, prediction: PredictResponse): void {
  if (!isKeeping()) return;
  const { label, probability, abstained, modelVersion, predictionId, requestId } = prediction;
  const { title, text } = article;
  const entry = {
    id: predictionId ?? requestId,
    hasReceipt: predictionId !== null,
    at: new Date().toISOString(),
    title,
    text,
    label,
    probability,
    abstained,
    modelVersion,
  };
  const others = readHistory().filter(
    (one) => one.title !== title || one.text !== text || one.modelVersion !== modelVersion,
  );
  write(trimEntries([entry, ...others]));
}

export function forget(id: string): void {
  write(readHistory().filter((entry) => entry.id !== id));
}

export function forgetAll(): void {
  write([]);
}

/** Switches the history on or off. Existing entries stay until they are deleted. */
export function keepHistory(on: boolean): void {
  try {
    if (on) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, '1');
  } catch {
    // without storage there is no history
  }
  for (const listener of listeners) listener();
}

/** Returns the history and renders again when it changes, also in another tab. */
export function useHistory(): { readonly entries: readonly HistoryEntry[]; readonly keeping: boolean } {
  const [state, setState] = useState(() => ({ entries: readHistory(), keeping: isKeeping() }));
  useEffect(() => {
    const follow = (): void => setState({ entries: readHistory(), keeping: isKeeping() });
    listeners.add(follow);
    addEventListener('storage', follow);
    return () => {
      listeners.delete(follow);
      removeEventListener('storage', follow);
    };
  }, []);
  return state;
}

/** Keeps as many of the newest entries as fit. */
export function trimEntries(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  let chars = 0;
  return entries.slice(0, MAX_ENTRIES).filter(({ title, text }) => {
    chars += title.length + text.length;
    return chars <= MAX_CHARS;
  });
}

function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, at, title, text, label, probability, modelVersion } = value as Partial<HistoryEntry>;
  return (
    [id, at, title, text, label, modelVersion].every((part) => typeof part === 'string') &&
    typeof probability === 'number'
  );
}

function write(entries: readonly HistoryEntry[]): void {
  try {
    if (entries.length === 0) localStorage.removeItem(ENTRIES);
    else localStorage.setItem(ENTRIES, JSON.stringify(entries));
  } catch {
    // the storage is full or switched off; the prediction is shown anyway
  }
  for (const listener of listeners) listener();
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
