// Finds the columns of raw files by their usual names, without regard to case.
import type { ColumnMap, ColumnRole } from '../data/index.ts';

/** The names of each role, the best first. */
const USUAL: Readonly<Record<ColumnRole, readonly string[]>> = {
  title: ['title', 'headline', 'subject_line'],
  text: [
    'text',
    'content',
    'body',
    'article',
    'article_text',
    'message',
    'statement',
    'sentence',
    'review',
    'tweet',
    'comment',
  ],
  label: ['label', 'labels', 'class', 'target', 'label_text'],
  source: ['source', 'publisher', 'outlet', 'site', 'domain'],
  date: [
    'date',
    'published_at',
    'publishedat',
    'published',
    'publish_date',
    'pubdate',
    'timestamp',
    'created_at',
  ],
  id: ['id', '_id', 'article_id', 'doc_id', 'uuid', 'guid'],
};

/**
 * @param names  the columns of the file
 * @param named  the columns that a person named
 */
export function findUsualColumns(names: readonly string[], named: ColumnMap): ColumnMap {
  const taken = new Set(Object.values(named).filter((name) => name !== null));
  const find = (role: ColumnRole): string | null => {
    const own = named[role];
    if (own !== null) return names.includes(own) ? own : null;
    for (const usual of USUAL[role]) {
      const found = names.find((name) => !taken.has(name) && name.trim().toLowerCase() === usual);
      if (found !== undefined) return found;
    }
    return null;
  };
  return {
    title: find('title'),
    text: find('text'),
    label: find('label'),
    source: find('source'),
    date: find('date'),
    id: find('id'),
  };
}
