import { expect, it } from 'vitest';
import { RejectCounts, type RejectReason } from './reject-reason.ts';
import { formatArticleReject, formatRejectReason } from './reject-reason-sentences.ts';

/** The sentences stand in the lists of dataset versions: another sentence would give a dataset another id. */
const sentences: readonly [RejectReason, string][] = [
  [{ code: 'ENCODING_INVALID' }, 'not valid UTF-8'],
  [{ code: 'ROW_TOO_LONG', limitBytes: 9 }, 'row longer than 9 bytes'],
  [{ code: 'ROW_UNENDED', limitBytes: 9 }, 'row longer than 9 bytes or quote not closed'],
  [{ code: 'QUOTE_UNCLOSED' }, 'quote not closed'],
  [{ code: 'QUOTE_TEXT_AFTER' }, 'text after a closing quote'],
  [{ code: 'QUOTE_OVER_ROWS' }, 'quoted field over lines that look like rows'],
  [{ code: 'FIELDS_MISSING' }, 'fewer fields than the header'],
  [{ code: 'FIELDS_EXTRA' }, 'more fields than the header'],
  [{ code: 'HEADER_REPEATED' }, 'the header again'],
  [{ code: 'JSON_INVALID' }, 'not valid JSON'],
  [{ code: 'JSON_NOT_OBJECT' }, 'not a JSON object'],
  [{ code: 'TEXT_MISSING', column: 'body' }, 'no text in column body'],
  [{ code: 'LABEL_EMPTY' }, 'no label'],
  [{ code: 'LABEL_UNMAPPED' }, 'label not in data.labels'],
  [{ code: 'LABEL_TOO_LONG', limitChars: 60 }, 'label longer than 60 characters'],
  [{ code: 'LABEL_UNKNOWN' }, 'label not in data.classes'],
  [{ code: 'ID_REPEATED' }, 'id used by an earlier row'],
];

it.each(sentences)('says %j in the sentence that dataset versions hold', (reason, sentence) => {
  expect(formatRejectReason(reason)).toBe(sentence);
  expect(formatArticleReject(reason, { line: 4 })).toEqual({ expected: 'a readable row', got: sentence });
});

it('counts reasons apart that differ in a detail, in the order of their first row', () => {
  const counts = new RejectCounts();
  for (const column of ['b', 'a', 'b']) counts.add({ code: 'TEXT_MISSING', column });
  expect(counts.list()).toEqual([
    { reason: { code: 'TEXT_MISSING', column: 'b' }, count: 2 },
    { reason: { code: 'TEXT_MISSING', column: 'a' }, count: 1 },
  ]);
});
