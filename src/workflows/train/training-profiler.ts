// Measures where the time of a training goes. `simple`: by phase, from timings that the loop takes anyway. `advanced`: also
// by function (V8's sampler, on the main and the training thread). `trace`: also each step with its operators, on one
// timeline. Files: profile/{summary.json, trace.json, main.cpuprofile, training.cpuprofile} in the run's folder.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FunctionTime,
  formatChromeTrace,
  type GraphRun,
  NODE_KINDS,
  parseNodeTimes,
  startFunctionProfile,
  summarizeFunctions,
  type TraceSpan,
} from '../../engine/profiling/index.ts';
import type { TrainingProfile } from '../../engine/runtime/training/index.ts';
import { createTemporaryName, errorCodeOf, hashFile, writeFileAtomic } from '../../foundation/core/index.ts';
import { type ProfileSummary, profileSummaryRecord, saveRecord } from '../../foundation/records/index.ts';
import type { RunWriter } from '../../keeping/runs/index.ts';
import type { Learner, LoopTiming } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { formatProfile } from './profile-report.ts';

/** Names of the phases, in the order of a training. */
const PHASES = [
  'prepare data',
  'create model',
  'wait for data',
  'inputs and masks',
  'forward and backward',
  'update',
  'rest of the steps',
  'evaluation',
  'checkpoint',
  'export',
  'final evaluation',
  'register',
] as const;
export type Phase = (typeof PHASES)[number];

export interface TrainingProfiler {
  /** What the learner has to measure. */
  readonly learnerProfile?: TrainingProfile;
  readonly onTiming?: (timing: LoopTiming) => void;
  /** Measures a phase around the loop. */
  measure<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  /** Ends the trace once it has as many steps as were asked for. */
  endTrace(learner: Learner): Promise<void>;
  /** Writes the files of the profile into the run's folder, lists them as artifacts, and says what came out. */
  finish(run: ProfiledRun): Promise<void>;
  /** Removes what has not been written into a run. */
  discard(): void;
}

export interface ProfiledRun {
  readonly runId: string;
  readonly folder: string;
  readonly learner: Learner;
  readonly writer: Pick<RunWriter, 'addArtifact'>;
}

/** Measures nothing. */
export const noProfiler: TrainingProfiler = {
  measure: (_phase, work) => work(),
  endTrace: async () => {},
  finish: async () => {},
  discard: () => {},
};

export async function createTrainingProfiler(
  { kind, steps }: TrainConfig['profiler'],
  context: Pick<WorkflowContext, 'home' | 'clock' | 'say' | 'warn'>,
): Promise<TrainingProfiler> {
  if (kind === 'none') return noProfiler;
  const scratch = createTemporaryName(join(context.home.cache, 'profile'));
  if (kind !== 'simple') mkdirSync(scratch, { recursive: true });
  const endFunctions = kind === 'advanced' ? await startFunctionProfile() : null;
  return new MeasuringProfiler({ kind, steps, scratch, endFunctions }, context);
}

interface ProfilerParts {
  readonly kind: 'simple' | 'advanced' | 'trace';
  /** Steps of a trace. */
  readonly steps: number;
  /** Folder for what the threads write. */
  readonly scratch: string;
  readonly endFunctions: Awaited<ReturnType<typeof startFunctionProfile>> | null;
}

class MeasuringProfiler implements TrainingProfiler {
  readonly learnerProfile?: TrainingProfile;
  readonly onTiming = (timing: LoopTiming): void => this.#noteTiming(timing);
  readonly #parts: ProfilerParts;
  readonly #context: Pick<WorkflowContext, 'clock' | 'say' | 'warn'>;
  readonly #startMs: number;
  readonly #totals = new Map<Phase, { count: number; ms: number }>();
  readonly #spans: TraceSpan[] = [];
  /** Start of each forward and backward pass that was traced. */
  readonly #graphStartsMs: number[] = [];
  #tracedSteps = 0;
  #hasTrace: boolean;
  #tokens = 0;
  #places = 0;

  constructor(parts: ProfilerParts, context: Pick<WorkflowContext, 'clock' | 'say' | 'warn'>) {
    this.#parts = parts;
    this.#context = context;
    this.#startMs = context.clock.monotonicMs();
    this.#hasTrace = parts.kind === 'trace';
    if (parts.kind === 'trace') this.learnerProfile = { operatorsPrefix: join(parts.scratch, 'operators') };
    if (parts.kind === 'advanced')
      this.learnerProfile = { functionsPath: join(parts.scratch, 'training.cpuprofile') };
  }

  async measure<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const startMs = this.#context.clock.monotonicMs();
    try {
      return await work();
    } finally {
      const durationMs = this.#context.clock.monotonicMs() - startMs;
      this.#add(phase, durationMs);
      this.#note({ name: phase, category: 'phase', startMs, durationMs });
    }
  }

  async endTrace(learner: Learner): Promise<void> {
    if (!this.#hasTrace || this.#tracedSteps < this.#parts.steps) return;
    this.#hasTrace = false;
    await learner.endProfile?.();
  }

  /** A profile that fails is reported; the training goes on. */
  async finish(run: ProfiledRun): Promise<void> {
    try {
      await this.#write(run);
    } catch (error) {
      const reason = errorCodeOf(error);
      this.#context.warn(`the profile could not be written (${reason})`, {
        code: 'PROFILE_NOT_WRITTEN',
        runId: run.runId,
        reason,
      });
    }
  }

  async #write({ runId, folder, learner, writer }: ProfiledRun): Promise<void> {
    await learner.endProfile?.();
    const target = nextFolder(folder);
    mkdirSync(target, { recursive: true });
    const graphs = this.#readGraphs();
    const functions = await this.#writeFunctions(target);
    if (this.#parts.kind === 'trace')
      writeFileAtomic(
        join(target, 'trace.json'),
        formatChromeTrace([...this.#spans, ...this.#placeNodes(graphs)]),
      );
    const summary = this.#summarize(runId, graphs, functions);
    saveRecord(profileSummaryRecord, join(target, 'summary.json'), summary);
    this.discard();
    for (const name of readdirSync(target).sort()) {
      const path = join(target, name);
      const place = `${target.slice(folder.length + 1)}/${name}`;
      const digest = `sha256:${await hashFile(path)}`;
      const sizeBytes = statSync(path).size;
      await writer.addArtifact({ name: place, kind: 'profile', digest, sizeBytes, path: place });
    }
    this.#context.say(formatProfile(summary));
    this.#context.say(`profile written to ${target}${HOW_TO_OPEN[this.#parts.kind]}`);
  }

  discard(): void {
    rmSync(this.#parts.scratch, { recursive: true, force: true });
  }

  #add(phase: Phase, ms: number): void {
    const total = this.#totals.get(phase) ?? { count: 0, ms: 0 };
    this.#totals.set(phase, { count: total.count + 1, ms: total.ms + ms });
  }

  #note(span: Pick<TraceSpan, 'name' | 'category' | 'startMs' | 'durationMs' | 'details'>): void {
    if (this.#parts.kind !== 'trace') return;
    this.#spans.push({ ...span, thread: 'main', startMs: performance.timeOrigin + span.startMs });
  }

  #noteTiming({ part, step, startMs, durationMs, batches }: LoopTiming): void {
    if (batches === undefined) {
      this.#add(part === 'checkpoint' ? 'checkpoint' : 'evaluation', durationMs);
      this.#note({ name: part, category: 'phase', startMs, durationMs, details: { step } });
      return;
    }
    const { dataWaitMs, tokens, places, parts } = batches;
    this.#add('wait for data', dataWaitMs);
    let measured = dataWaitMs;
    if (parts === null) {
      this.#add('forward and backward', durationMs - dataWaitMs);
      measured = durationMs;
    } else {
      this.#tokens += tokens;
      this.#places += places;
      for (const { maskMs, graphMs } of parts.runs) {
        this.#add('inputs and masks', maskMs);
        this.#add('forward and backward', graphMs);
        measured += maskMs + graphMs;
      }
      this.#add('update', parts.updateMs);
      measured += parts.updateMs;
    }
    this.#add('rest of the steps', Math.max(0, durationMs - measured));
    if (!this.#hasTrace) return;
    this.#tracedSteps++;
    this.#note({ name: 'step', category: 'step', startMs, durationMs, details: { step, tokens, places } });
    this.#note({ name: 'wait for data', category: 'step', startMs, durationMs: dataWaitMs });
    this.#noteParts(parts);
  }

  #noteParts(parts: NonNullable<LoopTiming['batches']>['parts']): void {
    if (parts === null) return;
    const thread = 'training';
    let endMs = 0;
    for (const { startMs, maskMs, graphMs } of parts.runs) {
      const graphStartMs = startMs + maskMs;
      this.#graphStartsMs.push(graphStartMs);
      this.#spans.push({ name: 'inputs and masks', category: 'step', thread, startMs, durationMs: maskMs });
      const graph = { startMs: graphStartMs, durationMs: graphMs };
      this.#spans.push({ name: 'forward and backward', category: 'step', thread, ...graph });
      endMs = graphStartMs + graphMs;
    }
    this.#spans.push({
      name: 'update',
      category: 'step',
      thread,
      startMs: endMs,
      durationMs: parts.updateMs,
    });
  }

  /** What ONNX Runtime wrote. */
  #readGraphs(): GraphRun[] {
    if (!existsSync(this.#parts.scratch)) return [];
    const names = readdirSync(this.#parts.scratch).filter((name) => /^operators.*\.json$/.test(name));
    return names.flatMap((name) => {
      const path = join(this.#parts.scratch, name);
      return parseNodeTimes(readFileSync(path, 'utf8'), path);
    });
  }

  /** Operators on the timeline: run by run, beginning where the pass began. */
  #placeNodes(graphs: readonly GraphRun[]): TraceSpan[] {
    return graphs.slice(0, this.#graphStartsMs.length).flatMap(({ nodes }, i) =>
      nodes.map(({ operator, kind, startMs, durationMs }) => ({
        name: operator,
        category: kind,
        thread: 'operators' as const,
        startMs: this.#graphStartsMs[i]! + startMs,
        durationMs,
      })),
    );
  }

  async #writeFunctions(target: string): Promise<(FunctionTime & { thread: string })[]> {
    const { endFunctions, scratch } = this.#parts;
    if (endFunctions === null) return [];
    const main = await endFunctions();
    writeFileAtomic(join(target, 'main.cpuprofile'), JSON.stringify(main));
    const all = summarizeFunctions(main).map((time) => ({ ...time, thread: 'main' }));
    const training = join(scratch, 'training.cpuprofile');
    if (!existsSync(training)) return all;
    cpSync(training, join(target, 'training.cpuprofile'));
    const own = summarizeFunctions(JSON.parse(readFileSync(training, 'utf8')));
    return [...all, ...own.map((time) => ({ ...time, thread: 'training' }))].sort(
      (a, b) => b.selfMs - a.selfMs,
    );
  }

  #summarize(
    runId: string,
    graphs: readonly GraphRun[],
    functions: readonly (FunctionTime & { thread: string })[],
  ): ProfileSummary {
    const totalMs = this.#context.clock.monotonicMs() - this.#startMs;
    const phases = PHASES.flatMap((name) => {
      const total = this.#totals.get(name);
      if (total === undefined || total.ms === 0) return [];
      return [
        { name: name as string, count: total.count, seconds: total.ms / 1000, share: total.ms / totalMs },
      ];
    });
    const knownMs = phases.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    const otherMs = Math.max(0, totalMs - knownMs);
    phases.push({ name: 'everything else', count: 1, seconds: otherMs / 1000, share: otherMs / totalMs });
    const facts = {
      phases,
      padding: this.#places === 0 ? null : 1 - this.#tokens / this.#places,
      operators: summarizeOperators(graphs),
    };
    return {
      schemaVersion: 1,
      createdAt: this.#context.clock.nowIso(),
      parents: [runId],
      kind: this.#parts.kind,
      seconds: totalMs / 1000,
      ...facts,
      functions: functions
        .slice(0, MAX_FUNCTIONS)
        .map(({ name, place, thread, selfMs }) => ({ name, place, thread, seconds: selfMs / 1000 })),
      advice: chooseAdvice(facts),
    };
  }
}

const MAX_FUNCTIONS = 50;
const MAX_OPERATORS = 12;

const HOW_TO_OPEN = {
  simple: '',
  advanced: ' (open .cpuprofile files in the performance panel of Chrome or in an editor)',
  trace: ' (open trace.json at ui.perfetto.dev or chrome://tracing)',
} as const;

function summarizeOperators(graphs: readonly GraphRun[]): ProfileSummary['operators'] {
  const nodes = graphs.flatMap((graph) => graph.nodes);
  if (nodes.length === 0) return null;
  const totalMs = nodes.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const byOperator = new Map<string, { count: number; ms: number }>();
  for (const { operator, durationMs } of nodes) {
    const entry = byOperator.get(operator) ?? { count: 0, ms: 0 };
    byOperator.set(operator, { count: entry.count + 1, ms: entry.ms + durationMs });
  }
  const kinds = NODE_KINDS.map((kind) => {
    const ms = nodes.reduce((sum, node) => sum + (node.kind === kind ? node.durationMs : 0), 0);
    return { kind, seconds: ms / 1000, share: totalMs === 0 ? 0 : ms / totalMs };
  });
  const top = [...byOperator]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .slice(0, MAX_OPERATORS)
    .map(([operator, { count, ms }]) => ({
      ...{ operator, count, seconds: ms / 1000 },
      share: totalMs === 0 ? 0 : ms / totalMs,
    }));
  return { runs: graphs.length, kinds, top };
}

/** The first limit that is worth a change; thresholds from trainings of this product's own models. */
function chooseAdvice({
  phases,
  padding,
  operators,
}: Pick<ProfileSummary, 'phases' | 'padding' | 'operators'>): ProfileSummary['advice'] {
  const shareOf = (...names: Phase[]): number =>
    phases.reduce((sum, { name, share }) => sum + (names.some((known) => known === name) ? share : 0), 0);
  const elementWise = operators?.kinds.find(({ kind }) => kind === 'element-wise')?.share ?? 0;
  if (shareOf('wait for data') > 0.15) return 'data';
  if (shareOf('prepare data') > 0.5) return 'preparation';
  if (shareOf('export', 'final evaluation', 'register') > 0.5) return 'ending';
  if (shareOf('evaluation') > 0.3) return 'evaluation';
  if (shareOf('checkpoint') > 0.15) return 'checkpoint';
  if ((padding ?? 0) > 0.25) return 'padding';
  if (shareOf('update') > 0.35) return 'update';
  return elementWise > 0.4 ? 'element-wise' : 'compute';
}

/** profile, or profile-2 and so on for the processes that resumed the run. */
function nextFolder(folder: string): string {
  for (let i = 1; ; i++) {
    const path = join(folder, i === 1 ? 'profile' : `profile-${i}`);
    if (!existsSync(path)) return path;
  }
}
