// The log of a run as lines for people: its events in words, then what trainings printed that the studio started.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf, formatDuration, formatMegabytes } from '../../foundation/core/index.ts';
import type { RunEvent } from '../../foundation/records/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';
import type { ServedRunLog } from '../../serving/studio/index.ts';

/** In the folder of a run: what trainings print that the studio starts. */
export const OUTPUT_FILE = 'resume.log';
const MAX_OUTPUT_BYTES = 262_144;
const MAX_OUTPUT_LINES = 2000;

type Line = ServedRunLog['lines'][number];

/** @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function loadRunLog(runs: RunStore, id: string): Promise<ServedRunLog> {
  const events = await runs.loadEvents(id);
  const output = readTail(join((await runs.files(id)).folder, OUTPUT_FILE));
  return { lines: [...events.flatMap(describeEvent), ...listOutput(output)] };
}

function describeEvent(event: RunEvent): Line[] {
  const words = describe(event);
  if (words === null) return [];
  const level = event.type === 'failed' ? 'error' : event.type === 'stopped' ? 'warn' : 'info';
  return [{ createdAt: event.createdAt, level, text: words, source: 'events' }];
}

function describe(event: RunEvent): string | null {
  switch (event.type) {
    case 'step':
      return null; // a point
    case 'started': {
      const changed = Object.keys(event.changed ?? {});
      const what = event.resumedAtStep === 0 ? 'started' : `resumed at step ${event.resumedAtStep}`;
      const how = changed.length === 0 ? '' : `; changed: ${changed.join(', ')}`;
      return `${what} (process ${event.process})${how}`;
    }
    case 'eval': {
      const { step, epoch, calibratedLoss, metrics, best } = event;
      const figures = `loss ${calibratedLoss.toFixed(4)}, accuracy ${metrics.accuracy.toFixed(4)}, macro F1 ${metrics.macroF1.toFixed(4)}`;
      return `evaluated at step ${step} (epoch ${epoch.toFixed(2)}): ${figures}${best ? '; the best so far' : ''}`;
    }
    case 'checkpoint':
      return `checkpoint at step ${event.step} (${formatMegabytes(event.sizeBytes)})`;
    case 'finished': {
      const version = event.modelVersion === null ? 'not registered' : `registered as ${event.modelVersion}`;
      return `finished after ${event.steps} steps in ${formatDuration(event.seconds)}; ${version}`;
    }
    case 'stopped':
      return `stopped at step ${event.step} (${event.reason})`;
    case 'failed':
      return `failed at step ${event.step}: ${event.code}: ${event.message}`;
  }
}

function listOutput(text: string): Line[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-MAX_OUTPUT_LINES).map((line) => ({
    createdAt: null,
    level: /^\s*(?:error|hint)\b/i.test(line) ? 'error' : /^\s*warning\b/i.test(line) ? 'warn' : 'info',
    text: line,
    source: 'output',
  }));
}

/** The end of a file, from the beginning of a line; empty if there is no such file. @param fromByte  not before this place */
export function readTail(path: string, fromByte = 0): string {
  try {
    const { size } = statSync(path);
    const start = Math.max(fromByte, size - MAX_OUTPUT_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const file = openSync(path, 'r');
    try {
      readSync(file, buffer, 0, buffer.length, start);
    } finally {
      closeSync(file);
    }
    const text = buffer.toString('utf8');
    return start > fromByte ? text.slice(text.indexOf('\n') + 1) : text;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
