// A studio that answers with the documented examples and knows no other ids.
import { appError } from '../../src/foundation/core/errors.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import type { Studio } from '../../src/serving/studio/studio.ts';
import { createStudioContext, type StudioContext } from '../../src/serving/studio/studio-context.ts';
import * as examples from '../../src/serving/studio/studio-examples.ts';

const KNOWN_RUNS: readonly string[] = examples.exampleDifferences.runs;

function assertRun(id: string): void {
  if (!KNOWN_RUNS.includes(id)) throw appError('RUN_NOT_FOUND', { run: id, folder: 'runs' });
}
function assertSweep(id: string): void {
  if (id !== examples.EXAMPLE_SWEEP_ID) throw appError('SWEEP_NOT_FOUND', { sweep: id });
}
function assertName(name: string): void {
  if (name !== 'compact') throw appError('MODEL_NOT_FOUND', { reference: name, known: 'compact' });
}

export function createExampleStudio(): Studio {
  const { exampleRun } = examples;
  return {
    listRuns: async () => examples.exampleRuns,
    showRun: async (id) => {
      assertRun(id);
      return examples.exampleRunDetails;
    },
    loadCurves: async () => examples.exampleCurves,
    loadLog: async (id) => {
      assertRun(id);
      return examples.exampleLog;
    },
    compareRuns: async (ids) => {
      for (const id of ids) assertRun(id);
      return examples.exampleDifferences;
    },
    tagRun: async (id) => {
      assertRun(id);
      return exampleRun;
    },
    setNote: async (id, note) => {
      assertRun(id);
      return { ...exampleRun, note };
    },
    stopRun: async (id) => {
      assertRun(id);
      return exampleRun;
    },
    resumeRun: async (id) => {
      assertRun(id);
      return examples.exampleResume;
    },
    deleteRun: async (id) => assertRun(id),
    changesSince: async () => examples.exampleChanges,
    findRuns: async () => [exampleRun],
    listSweeps: async () => [examples.exampleSweep],
    showSweep: async (id) => {
      assertSweep(id);
      return examples.exampleSweepDetails;
    },
    measureImportance: async (id) => {
      assertSweep(id);
      return examples.exampleImportance;
    },
    compareTrials: async (id) => {
      assertSweep(id);
      return examples.examplePareto;
    },
    listRegistry: async () => examples.exampleRegistry,
    showName: async (name) => {
      assertName(name);
      return examples.exampleName;
    },
    promote: async (name) => {
      assertName(name);
      return examples.exampleStageChange;
    },
    rollback: async (name) => {
      assertName(name);
      return examples.exampleStageChange;
    },
    traceLineage: async (id) => {
      if (id !== 'compact@1') throw appError('LINEAGE_UNKNOWN', { id });
      return examples.exampleLineage;
    },
    close: async () => undefined,
  };
}

export function createExampleStudioContext(): StudioContext {
  return createStudioContext(createExampleStudio(), { logger: silentLogger, liveVersion: () => 'compact@1' });
}
