// Sends a file in chunks and yields its rows as their predictions arrive. If the server is busy, it waits and retries.
import { openRequest, parseJson, RequestFailure, readProblem } from '../api.ts';
import { createRecordSplitter, createTitleReader, type FileRecord, type Format } from './records.ts';

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
    readonly predictionId: string;
    readonly warnings: readonly string[];
  } | null;
  /** Why the row was rejected; empty if it was not. */
  readonly reason: string;
}

export type BatchEvent =
  | { readonly type: 'rows'; readonly rows: readonly BatchRow[] }
  | { readonly type: 'sent'; readonly bytes: number }
  | { readonly type: 'waiting'; readonly seconds: number };

/** The first chunks are small, so that the first rows appear soon; later ones grow, so that there are few requests. */
const FIRST_CHUNK_CHARS = 16 * 1024;
const MAX_CHUNK_CHARS = 512 * 1024;
const BUSY = ['SERVER_BUSY', 'QUEUE_FULL', 'RATE_LIMITED'];

/** @throws RequestFailure */
export async function* predictFile(
  file: Blob,
  format: Format,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  const splitter = createRecordSplitter(format);
  const reader = file
    .stream()
    .pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))
    .getReader();
  let header: FileRecord | undefined;
  let readTitle = createTitleReader(format, '');
  let part: FileRecord[] = [];
  let chars = 0;
  let limit = FIRST_CHUNK_CHARS;
  let bytes = 0;

  const flush = async function* (): AsyncGenerator<BatchEvent> {
    if (part.length === 0 && (header === undefined || bytes > 0)) return;
    const titles = new Map(part.map(({ text, line }) => [line, readTitle(text)]));
    const toFileLine = createLineMap(header, part);
    const body = (header?.text ?? '') + part.map(({ text }) => text).join('');
    for await (const event of predictWithRetries(body, format, signal)) {
      if (event.type !== 'rows') yield event;
      else
        yield {
          type: 'rows',
          rows: event.rows.map((row) => {
            const line = toFileLine(row.line);
            return { ...row, line, title: titles.get(line) ?? '' };
          }),
        };
    }
    bytes += new Blob(part.map(({ text }) => text)).size;
    part = [];
    chars = 0;
    limit = Math.min(limit * 2, MAX_CHUNK_CHARS);
    yield { type: 'sent', bytes };
  };

  try {
    for (;;) {
      const { done, value } = await reader.read().catch(refuseBytes);
      for (const record of done ? splitter.end() : splitter.push(value)) {
        if (format === 'csv' && header === undefined) {
          if (record.text.trim() === '') continue;
          header = record;
          if (!header.text.endsWith('\n')) header = { ...header, text: `${header.text}\n` };
          readTitle = createTitleReader(format, header.text);
          continue;
        }
        if (record.text.trim() === '') continue; // the server skips blank lines too
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

/** Maps line numbers of a chunk, which repeats the header, to line numbers of the file. */
function createLineMap(
  header: FileRecord | undefined,
  part: readonly FileRecord[],
): (line: number) => number {
  const fileLines = new Map<number, number>();
  let at = header === undefined ? 1 : 1 + countLines(header.text);
  for (const { text, line } of part) {
    fileLines.set(at, line);
    at += countLines(text);
  }
  return (line) => fileLines.get(line) ?? line;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

async function* predictWithRetries(
  body: string,
  format: Format,
  signal: AbortSignal,
): AsyncGenerator<BatchEvent> {
  for (;;) {
    try {
      yield* predictChunk(body, format, signal);
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
async function* predictChunk(body: string, format: Format, signal: AbortSignal): AsyncGenerator<BatchEvent> {
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const response = await openRequest(`v1/batch?format=${format}`, {
    method: 'POST',
    headers: { 'content-type': type, accept: 'application/x-ndjson, application/problem+json' },
    body,
    signal,
  });
  let finished = false;
  for await (const lines of readLines(response, signal)) {
    const rows: BatchRow[] = [];
    for (const line of lines) {
      const value = parseJson(line) as AnswerLine | undefined;
      if (value === undefined) throw new RequestFailure({ code: 'UNEXPECTED_ANSWER' });
      if (value.type === 'failed')
        throw new RequestFailure({ ...readProblem(value.problem, null), code: 'BROKEN_OFF' });
      if (value.type === 'done') finished = true;
      if (value.type === 'verdict')
        rows.push({ line: value.line, id: value.id ?? '', title: '', answer: value, reason: '' });
      if (value.type === 'rejected')
        rows.push({
          line: value.line,
          id: value.id ?? '',
          title: '',
          answer: null,
          reason: value.error.message,
        });
    }
    if (rows.length > 0) yield { type: 'rows', rows };
  }
  if (!finished) throw new RequestFailure({ code: 'BROKEN_OFF' });
}

type AnswerLine =
  | ({ readonly type: 'verdict'; readonly line: number; readonly id?: string } & NonNullable<
      BatchRow['answer']
    >)
  | {
      readonly type: 'rejected';
      readonly line: number;
      readonly id?: string;
      readonly error: { readonly message: string };
    }
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
