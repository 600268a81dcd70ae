// Reads through all segments of the prediction log. Only the head of a line is parsed: an article that is kept stands at its end.
import { createReadStream } from 'node:fs';
import { errorCodeOf } from '../../foundation/core/index.ts';
import { hasSchemaVersion } from '../../foundation/records/index.ts';
import type { ReceiptFilter, ReceiptHead } from './prediction-store.ts';
import { listSegments } from './segment.ts';

const CHUNK_BYTES = 1 << 20;
/** No text of a receipt can hold this: inside a text its quotes are escaped. */
const ARTICLE = Buffer.from(',"article":{');

export async function* scanReceipts(folder: string, filter: ReceiptFilter): AsyncGenerator<ReceiptHead> {
  for (const { path } of await listSegments(folder)) {
    try {
      for await (const line of readBufferLines(path)) {
        const head = parseHead(line);
        if (head !== null && isWanted(head, filter)) yield head;
      }
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error; // another process has removed it
    }
  }
}

function isWanted(head: ReceiptHead, { models, runs, datasets, contents }: ReceiptFilter): boolean {
  return (
    models.has(head.modelVersion) ||
    runs.has(head.runId) ||
    datasets.has(head.datasetVersion) ||
    contents.has(head.contentSha256)
  );
}

/** Whole lines without their breaks; a last line without one is torn. */
async function* readBufferLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}

function parseHead(line: Buffer): ReceiptHead | null {
  const article = line.indexOf(ARTICLE);
  const text = article === -1 ? line.toString('utf8') : `${line.toString('utf8', 0, article)}}`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  // The fields of a head are the same in both versions.
  if (!hasSchemaVersion(json, 1) && !hasSchemaVersion(json, 2)) return null;
  const { id, createdAt, modelVersion, runId, datasetVersion, contentSha256 } = json;
  const { label, probability, abstained } = json;
  const texts = [id, createdAt, modelVersion, runId, datasetVersion, contentSha256, label];
  if (!texts.every((value) => typeof value === 'string') || typeof probability !== 'number') return null;
  const [a, b, c, d, e, f, g] = texts as [string, string, string, string, string, string, string];
  return {
    ...{ id: a, createdAt: b, modelVersion: c, runId: d, datasetVersion: e, contentSha256: f, label: g },
    ...{ probability, abstained: abstained === true },
  };
}
