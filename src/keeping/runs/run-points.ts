// Reads the points of a run from the chunks in a database.
import type { Kysely } from 'kysely';
import type { Tables } from '../database/index.ts';
import { type ChunkHead, findExtremes, unpackPoints } from './chunk.ts';
import { buildStretchCurve, type ChunkSource, loadStretches, loadVisiblePoints } from './chunk-series.ts';
import type { Curve, CurveRequest, KeptPoint, Point } from './measurement.ts';
import { type RunRow, readRewinds } from './run-row.ts';
import type { PointRange } from './run-store.ts';
import { markHidden } from './visible-points.ts';

/** Parameters of one statement; SQLite allows 32,766. */
const MOST_IN_LIST = 500;
const MOST_RETRIES = 20;

class ChunkMerged extends Error {}

/** What finds the chunks of a run. */
export type ChunkedRun = Pick<RunRow, 'number' | 'rewinds'>;

/** Points of one metric in ascending steps; with `includeHidden` in the order in which they were written. */
export function loadRunPoints(
  db: Kysely<Tables>,
  run: ChunkedRun,
  name: string,
  options: PointRange,
): Promise<Point[]> {
  return readChunks(() => loadPoints(db, run, name, options));
}

async function loadPoints(
  db: Kysely<Tables>,
  run: ChunkedRun,
  name: string,
  options: PointRange,
): Promise<Point[]> {
  const { fromStep = 0, includeHidden = false } = options;
  const heads = (await loadChunkHeads(db, run.number, name)).filter(({ lastStep }) => lastStep >= fromStep);
  const source = createChunkSource(db, run.number, name);
  const rewinds = readRewinds(run);
  if (includeHidden) {
    const written = heads.sort((a, b) => a.attempt - b.attempt || a.chunk - b.chunk);
    const data = await source.loadData(written.map(({ chunk }) => chunk));
    const points = written.flatMap(({ attempt }, i) => unpackPoints(data[i]!, attempt));
    return markHidden(points, rewinds)
      .filter(({ point }) => point.step >= fromStep)
      .map(({ point, hidden }): KeptPoint => ({ ...point, hidden }));
  }
  const points = await loadVisiblePoints(await loadStretches(heads, rewinds, source), source);
  return points.flatMap(({ step, epoch, timeMs, articles, value }) =>
    step < fromStep ? [] : [{ step, epoch, timeMs, articles, value }],
  );
}

/** The curve of one metric, of at most `request.maxPoints` points. */
export async function loadRunCurve(
  db: Kysely<Tables>,
  run: ChunkedRun,
  name: string,
  request: CurveRequest,
): Promise<Curve> {
  const source = createChunkSource(db, run.number, name);
  const { total, points } = await readChunks(async () => {
    const heads = await loadChunkHeads(db, run.number, name);
    return buildStretchCurve(await loadStretches(heads, readRewinds(run), source), request, source);
  });
  return {
    total,
    points: points.map(({ step, epoch, timeMs, articles, value }) => ({
      step,
      epoch,
      timeMs,
      articles,
      value,
    })),
  };
}

/** Repeats reading when the writer has merged a chunk between the reading of its head and of its data. */
async function readChunks<T>(read: () => Promise<T>): Promise<T> {
  for (let left = MOST_RETRIES; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ChunkMerged) || left === 0) throw error;
    }
  }
}

/** Heads of the chunks of one metric. */
export async function loadChunkHeads(
  db: Kysely<Tables>,
  number: number,
  metric: string,
): Promise<ChunkHead[]> {
  const rows = await db
    .selectFrom('chunks')
    .select(['attempt', 'chunk', 'count', 'first_step', 'last_step', 'extremes'])
    .where('run', '=', number)
    .where('metric', '=', metric)
    .execute();
  const early = rows.flatMap(({ chunk, extremes }) => (extremes === null ? [chunk] : []));
  const summaries = await createChunkSource(db, number, metric).loadSummaries(early);
  let next = 0;
  return rows.map(({ first_step, last_step, extremes, ...row }) => ({
    ...row,
    firstStep: first_step,
    lastStep: last_step,
    extremes: extremes ?? findExtremes(summaries[next++]!),
  }));
}

/** Reads points and summaries of a metric's chunks by their numbers. */
export function createChunkSource(db: Kysely<Tables>, number: number, metric: string): ChunkSource {
  return {
    loadData: (chunks) =>
      loadChunks(chunks, (part) =>
        db
          .selectFrom('chunk_data')
          .select(['chunk', 'data as bytes'])
          .where('run', '=', number)
          .where('chunk', 'in', part)
          .execute(),
      ),
    loadSummaries: (chunks) =>
      loadChunks(chunks, (part) =>
        db
          .selectFrom('chunks')
          .select(['chunk', 'summary as bytes'])
          .where('run', '=', number)
          .where('metric', '=', metric)
          .where('chunk', 'in', part)
          .execute(),
      ),
  };
}

async function loadChunks(
  chunks: readonly number[],
  query: (part: readonly number[]) => Promise<{ chunk: number; bytes: Uint8Array }[]>,
): Promise<Uint8Array[]> {
  const found = new Map<number, Uint8Array>();
  for (let start = 0; start < chunks.length; start += MOST_IN_LIST)
    for (const { chunk, bytes } of await query(chunks.slice(start, start + MOST_IN_LIST)))
      found.set(chunk, bytes);
  return chunks.map((chunk) => {
    const bytes = found.get(chunk);
    if (bytes === undefined) throw new ChunkMerged();
    return bytes;
  });
}
