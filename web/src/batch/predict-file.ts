// Sends a file in chunks and yields its rows as their predictions arrive. If the server is busy, it waits and retries.
import { openRequest, parseJson, RequestFailure, readProblem } from '../api.ts';
import { type ColumnChoice, formatChoice } from './columns.ts';
import type { FilePlan } from './file-plan.ts';
import { createFieldReader, createRecordSplitter, type FileRecord, isSeparatorLine } from './records.ts';

export interface BatchRow {
  readonly line: number;
  readonly id: string;
  readonly title: string;
  /** null if the row was rejected. */
  readonly answer: {
    readonly label: string;
    readonly probability: number;
    readonly probabilities: Readonly<Record<string, number>>;
    readonly abstained: boolean;
    readonly modelVersion: string;
    readonly predictionId: string | null;
    readonly warnings: readonly string[];
  } | null;
  /** Why the row was rejected; empty if it was not. */
  readonly reason: string;
  /** The values of the other columns. */
  readonly others: Readonly<Record<string, unknown>>;
}

export type BatchEvent =
  | { readonly type: 'rows'; readonly rows: readonly BatchRow[] }
  | { readonly type: 'sent'; readonly bytes: number }
  | { readonly type: 'waiting'; readonly seconds: number };

/** The first chunks are small, so that the first rows appear soon; later ones grow, so that there are few requests. */
const FIRST_CHUNK_CHARS = 16 * 1024;
const MAX_CHUNK_CHARS = 512 * 1024;
/** The server's code for a file in which no row holds an article. */
const NO_ARTICLES = 'NOTHING_PREDICTED';
const BUSY = ['SERVER_BUSY', 'QUEUE_FULL', 'RATE_LIMITED'];

/**
 * Predicts the rows of a file. A part that is sent is a piece of the file as it stands, with the header before it.
 * @throws RequestFailure
 */
export async function* predictFile(
  file: Blob,
  { format, lineBreak, syntax, encoding }: Pick<FilePlan, 'format' | 'lineBreak' | 'syntax' | 'encoding'>,
  choice: ColumnChoice,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  const splitter = createRecordSplitter(format, lineBreak, syntax);
  const reader = file
    .stream()
    .pipeThrough(new TextDecoderStream(encoding, { fatal: true }))
    .getReader();
  const titleColumn = choice.title ?? choice.text ?? '';
  let head = '';
  let hasHead = format === 'jsonl';
  let fields = createFieldReader(format, head, syntax);
  let part: FileRecord[] = [];
  let chars = 0;
  let limit = FIRST_CHUNK_CHARS;
  let bytes = 0;

  const flush = async function* (): AsyncGenerator<BatchEvent> {
    const text = part.map((record) => record.text).join('');
    if (text.trim() !== '') {
      const firstLine = part[0]!.line;
      const textAt = createLineFinder(text, firstLine, lineBreak);
      const request = { format, choice, lineOffset: firstLine - 1 - countBreaks(head, lineBreak) };
      for await (const event of predictWithRetries(head + text, request, signal)) {
        if (event.type !== 'rows') yield event;
        else
          yield {
            type: 'rows',
            rows: event.rows.map((row) => ({
              ...row,
              title: (fields.read(textAt(row.line)).get(titleColumn) ?? '').trim().slice(0, 200),
            })),
          };
      }
    }
    bytes += new Blob([text]).size;
    part = [];
    chars = 0;
    limit = Math.min(limit * 2, MAX_CHUNK_CHARS);
    yield { type: 'sent', bytes };
  };

  try {
    for (;;) {
      const { done, value } = await reader.read().catch(refuseBytes);
      for (const record of done ? splitter.end() : splitter.push(value)) {
        if (!hasHead) {
          if (record.text.trim() === '') continue;
          head += record.text.endsWith(lineBreak) ? record.text : `${record.text}${lineBreak}`;
          if (isSeparatorLine(record.text)) continue;
          hasHead = true;
          fields = createFieldReader(format, head, syntax);
          continue;
        }
        part.push(record);
        chars += record.text.length;
        if (chars >= limit) yield* flush();
      }
      if (done) break;
    }
    yield* flush();
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function refuseBytes(error: unknown): never {
  throw error instanceof TypeError ? new RequestFailure({ code: 'FILE_NOT_UTF8' }) : error;
}

/** Finds the text that begins at a line of the file. */
function createLineFinder(text: string, firstLine: number, lineBreak: string): (line: number) => string {
  const starts = [0];
  for (let at = text.indexOf(lineBreak); at !== -1; at = text.indexOf(lineBreak, at + 1)) starts.push(at + 1);
  return (line) => text.slice(starts[line - firstLine] ?? text.length);
}

function countBreaks(text: string, lineBreak: string): number {
  return text.split(lineBreak).length - 1;
}

interface PartRequest {
  readonly format: FilePlan['format'];
  readonly choice: ColumnChoice;
  /** The line of the file before the first line of the part. */
  readonly lineOffset: number;
}

async function* predictWithRetries(
  body: string,
  request: PartRequest,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  for (;;) {
    try {
      yield* predictChunk(body, request, signal);
      return;
    } catch (error) {
      if (!(error instanceof RequestFailure) || !BUSY.includes(error.facts.code)) throw error;
      const seconds = Math.max(1, error.facts.retryAfterSeconds ?? 1);
      yield { type: 'waiting', seconds };
      await wait(seconds * 1000, signal);
    }
  }
}

/** Yields the rows of one response. A refusal before its first line can be retried. */
async function* predictChunk(
  body: string,
  { format, choice, lineOffset }: PartRequest,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const columns = encodeURIComponent(formatChoice(choice));
  const response = await openRequest(
    `v1/batch?format=${format}&line_offset=${lineOffset}&columns=${columns}`,
    {
      method: 'POST',
      headers: { 'content-type': type, accept: 'application/x-ndjson, application/problem+json' },
      body,
      signal,
    },
  );
  let finished = false;
  for await (const lines of readLines(response, signal)) {
    const rows: BatchRow[] = [];
    for (const line of lines) {
      const value = parseJson(line) as AnswerLine | undefined;
      if (value === undefined) throw new RequestFailure({ code: 'UNEXPECTED_ANSWER' });
      if (value.type === 'failed') {
        const problem = readProblem(value.problem, null);
        // other parts of the file may have articles
        if (problem.code !== NO_ARTICLES) throw new RequestFailure({ ...problem, code: 'BROKEN_OFF' });
      }
      if (value.type === 'done' || value.type === 'failed') finished = true;
      if (value.type !== 'verdict' && value.type !== 'rejected') continue;
      rows.push({
        line: value.line,
        id: value.id ?? '',
        title: '',
        answer: value.type === 'verdict' ? value : null,
        reason: value.type === 'rejected' ? value.error.message : '',
        others: value.row ?? {},
      });
    }
    if (rows.length > 0) yield { type: 'rows', rows };
  }
  if (!finished) throw new RequestFailure({ code: 'BROKEN_OFF' });
}

interface AnswerPlace {
  readonly line: number;
  readonly id?: string;
  readonly row?: Readonly<Record<string, unknown>>;
}

type AnswerLine =
  | (AnswerPlace & { readonly type: 'verdict' } & NonNullable<BatchRow['answer']>)
  | (AnswerPlace & { readonly type: 'rejected'; readonly error: { readonly message: string } })
  | { readonly type: 'progress' | 'done' }
  | { readonly type: 'failed'; readonly problem: unknown };

/** Yields the complete lines of each received piece of the response. */
async function* readLines(response: Response, signal: AbortSignal): AsyncGenerator<string[]> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? '')).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      yield lines.filter((line) => line !== '');
      if (done) return;
    }
  } catch (error) {
    if (signal.aborted || error instanceof RequestFailure) throw error;
    throw new RequestFailure({ code: 'BROKEN_OFF' });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
