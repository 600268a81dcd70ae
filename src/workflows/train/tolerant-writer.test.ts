import { describe, expect, it } from 'vitest';
import { appError } from '../../foundation/core/errors.ts';
import type { RunWriter } from '../../keeping/runs/run-store.ts';
import { tolerateFailures } from './tolerant-writer.ts';

/** A writer whose store is away while `failure` is not null. */
function createShakyWriter() {
  const state = { failure: null as unknown, written: [] as string[], released: false };
  const write = async (what: string): Promise<void> => {
    if (state.failure !== null) throw state.failure;
    state.written.push(what);
  };
  const writer: RunWriter = {
    runId: 'run-20260101-000000-abcd',
    append: (event) => write(event.type),
    addArtifact: ({ name }) => write(name),
    rewind: (step) => write(`rewind ${step}`),
    saveEvaluations: () => write('evaluations'),
    flush: () => write('flush'),
    record: ({ step }) => {
      if (state.failure !== null) throw state.failure;
      state.written.push(`record ${step}`);
    },
    recordText: () => {},
    recordHistogram: () => {},
    renew: async () => {},
    release: async () => {
      state.released = true;
    },
  };
  return { state, writer };
}

const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const stopped = { type: 'stopped', step: 1, reason: 'SIGINT' } as const;
const moment = { step: 1, epoch: 0, articles: 1, values: {} };

describe('a writer that outlives failures', () => {
  const warnings: string[] = [];
  const open = () => {
    warnings.length = 0;
    const shaky = createShakyWriter();
    return { ...shaky, tolerant: tolerateFailures(shaky.writer, (text) => warnings.push(text), [0, 1]) };
  };

  it('writes what could not be written before the next thing, in order, and warns once', async () => {
    const { state, tolerant } = open();
    state.failure = away;
    await tolerant.append({ type: 'checkpoint', step: 1, path: 'a', sizeBytes: 1 });
    await tolerant.addArtifact({
      ...{ name: 'b', kind: 'file', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1, path: 'b' },
    });
    tolerant.record(moment);
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
    state.failure = null;
    await tolerant.append(stopped);
    expect(state.written).toEqual(['checkpoint', 'b', 'stopped']);
  });

  it.each(['RUN_LEASE_LOST', 'DISK_FULL'] as const)('passes %s on', async (code) => {
    const { state, tolerant } = open();
    state.failure = appError(code, { run: 'r', holder: 'h', path: 'p' });
    await expect(tolerant.append(stopped)).rejects.toMatchObject({ code });
    expect(warnings).toEqual([]);
  });

  it('tries what is left again before it is released', async () => {
    const { state, tolerant } = open();
    state.failure = away;
    await tolerant.append(stopped);
    state.failure = null;
    await tolerant.release();
    expect(state).toMatchObject({ written: ['stopped'], released: true });
  });

  it('says so when the end is never written, and is released all the same', async () => {
    const { state, tolerant } = open();
    state.failure = away;
    await tolerant.append(stopped);
    await tolerant.release();
    expect(warnings.at(-1)).toContain('could not be recorded');
    expect(state.released).toBe(true);
  });
});
