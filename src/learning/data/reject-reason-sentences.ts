// Reasons why rows are unusable, as English sentences. Only the edges use them: reports, messages of errors, and the list
// of rejected rows of a dataset version, whose bytes are part of the version's id: another sentence there is another id.
import type { ArticleRejectReason, RejectReason } from './reject-reason.ts';

/** The sentence of one reason. */
export function formatRejectReason(reason: RejectReason): string {
  switch (reason.code) {
    case 'ENCODING_INVALID':
      return 'not valid UTF-8';
    case 'ROW_TOO_LONG':
      return `row longer than ${reason.limitBytes} bytes`;
    case 'ROW_UNENDED':
      return `row longer than ${reason.limitBytes} bytes or quote not closed`;
    case 'QUOTE_UNCLOSED':
      return 'quote not closed';
    case 'QUOTE_TEXT_AFTER':
      return 'text after a closing quote';
    case 'QUOTE_OVER_ROWS':
      return 'quoted field over lines that look like rows';
    case 'FIELDS_MISSING':
      return 'fewer fields than the header';
    case 'FIELDS_EXTRA':
      return 'more fields than the header';
    case 'HEADER_REPEATED':
      return 'the header again';
    case 'JSON_INVALID':
      return 'not valid JSON';
    case 'JSON_NOT_OBJECT':
      return 'not a JSON object';
    case 'TEXT_MISSING':
      return `no text in column ${reason.column}`;
    case 'LABEL_EMPTY':
      return 'no label';
    case 'LABEL_UNMAPPED':
      return 'label not in data.labels';
    case 'LABEL_TOO_LONG':
      return `label longer than ${reason.limitChars} characters`;
    case 'LABEL_UNKNOWN':
      return 'label not in data.classes';
    case 'LABEL_LEFT_OUT':
      return 'label left out by data.labels';
    case 'ID_REPEATED':
      return 'id used by an earlier row';
  }
}

/** What a row with an article would have had, and what this row has: the details of an error. */
export function formatArticleReject(
  reason: ArticleRejectReason,
  { line, quoteEndLine }: { readonly line: number; readonly quoteEndLine?: number | undefined },
): {
  readonly expected: string;
  readonly got: string;
} {
  switch (reason.code) {
    case 'TITLE_AND_TEXT_MISSING':
      return { expected: `the columns ${reason.columns}`, got: 'neither' };
    case 'FIELD_NESTED':
      return { expected: `text in ${reason.column}`, got: 'a list or an object' };
    case 'TITLE_AND_TEXT_EMPTY':
      return { expected: 'a title or a text', got: 'empty ones' };
    default: {
      const lines =
        quoteEndLine === undefined ? '' : ` (lines ${line}-${quoteEndLine}: a quote opened in line ${line})`;
      return { expected: 'a readable row', got: `${formatRejectReason(reason)}${lines}` };
    }
  }
}
