// Uploads to a server that takes less than it is sent, as the service may do.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md5Of, patternOf } from '../../../test/conformance/remote.ts';
import { openGcsRemote } from './gcs-remote.ts';
import { GCS_PART_BYTES } from './gcs-upload.ts';

const BYTES = patternOf(2 * GCS_PART_BYTES + 1_000_001);
const STEP = 256 * 1024;

let folder: string;
let server: Server;
let kept: Buffer;
/** What each part was, such as `bytes 0-99/*`. */
let ranges: string[];
/** How many bytes the server keeps of those that it has after a part; null: all. */
let keep: (got: number) => number | null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-gcs-upload-'));
  kept = Buffer.alloc(0);
  ranges = [];
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const say = (status: number, body: object, headers = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'POST') return say(200, {}, { location: `${endpoint()}/session` });
  if (request.method !== 'PUT') return say(404, { error: { code: 404, message: 'No such object' } });
  const range = request.headers['content-range'] ?? '';
  ranges.push(range);
  const [, start = '0', total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  const all = Buffer.concat([kept.subarray(0, Number(start)), ...pieces]);
  const count = keep(all.length);
  kept = all.subarray(0, count ?? all.length);
  if (count === null && total === `${kept.length}`) {
    const md5Hash = Buffer.from(md5Of(kept), 'hex').toString('base64');
    return say(200, { size: `${kept.length}`, md5Hash });
  }
  say(308, {}, kept.length === 0 ? {} : { range: `bytes=0-${kept.length - 1}` });
}

const upload = async (): Promise<{ readonly outcome: string; readonly counted: number }> => {
  const path = join(folder, 'source');
  writeFileSync(path, BYTES);
  const uploadsFolder = join(folder, 'uploads');
  const remote = await openGcsRemote({ name: null, url: 'gs://bucket', endpoint: endpoint(), uploadsFolder });
  const source = { path, sizeBytes: BYTES.length, md5: md5Of(BYTES) };
  let counted = 0;
  const onBytes = (bytes: number): void => {
    counted += bytes;
  };
  const outcome = await remote.write('big', source, { onBytes });
  return { outcome, counted };
};

describe('an upload to Google Cloud Storage in parts', () => {
  it.each<[string, (part: number, got: number) => number | null]>([
    ['keeps all', () => null],
    ['keeps the first half of a part', (part, got) => (part === 1 ? got - GCS_PART_BYTES / 2 : null)],
    ['keeps nothing of the first part', (part) => (part === 1 ? 0 : null)],
    ['loses more than a part', (part) => (part === 2 ? STEP : null)],
    ['loses everything', (part) => (part === 2 ? 0 : null)],
    ['keeps nothing of the last part', (part) => (part === 3 ? 2 * GCS_PART_BYTES : null)],
    ['keeps the beginning of the last part', (part) => (part === 3 ? 2 * GCS_PART_BYTES + STEP : null)],
    ['loses more than a part after the last one', (part) => (part === 3 ? STEP : null)],
    ['has all of the last part and does not end', (part, got) => (part === 3 ? got : null)],
  ])('is whole if the server %s', async (_, decide) => {
    keep = (got) => decide(ranges.length, got);
    expect(await upload()).toEqual({ outcome: 'written', counted: BYTES.length });
    expect(kept.equals(BYTES)).toBe(true);
    expect(readdirSync(join(folder, 'uploads'))).toEqual([]);
  });

  it.each([
    ['none', 0, 5],
    ['no byte more than the first part', GCS_PART_BYTES, 6],
  ])('is given up if the server keeps %s', async (_, most, requests) => {
    keep = (got) => Math.min(got, most);
    await expect(upload()).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringContaining('it keeps nothing of what is sent'),
    });
    expect(ranges).toHaveLength(requests);
  });
});
