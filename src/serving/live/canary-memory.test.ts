import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../foundation/core/logger.ts';
import type { ReturnedCanary } from '../../foundation/records/returned-canaries.ts';
import { loadReturnedCanaries, openCanaryMemory, saveReturnedCanaries } from './canary-memory.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-canaries-'));
  path = join(folder, 'canaries.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const returned = (version: string, changes = 1): ReturnedCanary => ({
  version,
  reason: 'errors',
  at: '2026-01-01T00:00:00.000Z',
  share: 0.1,
  changes,
});

test('the memory of canaries outlives the process, until stages change or the entry is removed', () => {
  openCanaryMemory(path).keep(returned('compact@2'));
  const next = openCanaryMemory(path);
  expect(next.find('compact@2', 1)).toEqual(returned('compact@2'));
  expect(next.find('compact@2', 2)).toBeNull();
  expect(next.find('compact@3', 1)).toBeNull();
  next.keep(returned('compact@3'));
  next.keep(returned('compact@2', 2));
  expect(loadReturnedCanaries(path).map(({ version, changes }) => [version, changes])).toEqual([
    ['compact@3', 1],
    ['compact@2', 2],
  ]);
  saveReturnedCanaries(path, []);
  expect(next.find('compact@2', 2)).toBeNull();
  expect(readdirSync(folder)).toEqual(['canaries.json']);
});

test('the memory of canaries lasts as long as the process when it cannot be written, which is logged once', () => {
  const lines: string[] = [];
  const logger: Logger = { ...silentLogger, error: (_fields, message) => void lines.push(message) };
  const nowhere = join(folder, 'file', 'canaries.json');
  writeFileSync(join(folder, 'file'), '');
  const memory = openCanaryMemory(nowhere, logger);
  memory.keep(returned('compact@2'));
  memory.keep(returned('compact@2'));
  expect(memory.find('compact@2', 1)).toEqual(returned('compact@2'));
  expect(lines).toEqual([expect.stringContaining('a restart will forget it')]);
});

test('a damaged memory of canaries is logged, and replaced when the next canary is withdrawn', () => {
  const lines: object[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => void lines.push(fields) };
  writeFileSync(path, '{"schemaVersion": 1, "returned": 3}');
  const memory = openCanaryMemory(path, logger);
  expect(memory.find('compact@2', 1)).toBeNull();
  expect(lines).toEqual([expect.objectContaining({ code: 'RECORD_INVALID' })]);
  memory.keep(returned('compact@2'));
  expect(openCanaryMemory(path).find('compact@2', 1)).toEqual(returned('compact@2'));
});
