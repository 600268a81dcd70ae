// All English sentences of the studio. Names of runs, metrics and parameters come from the server and are only inserted.
import { formatCount } from '../numbers.ts';
import { listWords } from '../strings.ts';
import type { Axis } from './charts/values.ts';

const countRuns = (count: number): string => (count === 1 ? '1 run' : `${formatCount(count)} runs`);
const countTrials = (count: number): string => (count === 1 ? '1 trial' : `${formatCount(count)} trials`);

export const studioStrings = {
  name: 'Veracity studio',
  sectionsLabel: 'Parts of the studio',
  sections: { runs: 'Runs', sweeps: 'Sweeps', lineage: 'Lineage', registry: 'Registry' },
  toChecker: 'Check page',
  documentTitle: (section: string, id: string | undefined) =>
    `${id === undefined ? '' : `${id} · `}${section} · Veracity`,
  loading: 'Loading…',
  footer: 'Everything here stays on this server.',
  live: 'Live',
  liveLost: 'Not live: reconnecting',
  statuses: {
    running: 'running',
    finished: 'finished',
    stopped: 'stopped',
    failed: 'failed',
    interrupted: 'interrupted',
    waiting: 'waiting',
  },
  cancel: 'Cancel',
  save: 'Save',
  saving: 'Saving…',

  axes: { step: 'step', epoch: 'epoch', time: 'time', articles: 'articles' } satisfies Record<Axis, string>,
  axisLegend: 'x axis by',
  axisNames: { step: 'Step', epoch: 'Epoch', time: 'Time', articles: 'Articles' } satisfies Record<
    Axis,
    string
  >,
  logX: 'log x',
  logY: 'log y',
  smoothing: 'Smoothing',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomReset: 'Show all',
  chartLabel: (name: string, count: number, axis: string) =>
    `${name} of ${countRuns(count)} by ${axis}. The list below has the values. Arrows move, + and − zoom, 0 shows everything.`,
  legendLast: 'Last values',
  legendAt: (axis: Axis, place: string) => (axis === 'time' ? `After ${place}` : `At ${axis} ${place}`),

  runsHeading: 'Runs',
  runsLead: (shown: number, total: number) =>
    shown === total ? `${countRuns(total)}, newest first.` : `${formatCount(shown)} of ${countRuns(total)}.`,
  runsNone: 'No run yet',
  runsNoneAdvice: 'A run appears here as soon as a training starts, for example with: veracity train',
  runsNoneFit: 'No run fits this filter',
  runsNoneFitAdvice: 'Change it or clear it.',
  runsDamaged: (count: number) =>
    `${count === 1 ? '1 run' : `${count} runs`} cannot be read; veracity doctor says why.`,
  filter: 'Filter',
  filterHint: 'val_loss<0.2 and model=compact',
  filterApply: 'Filter',
  filterClear: 'Clear',
  metrics: 'Curves',
  columns: 'Columns',
  columnsMetrics: 'Metrics',
  columnsFacts: 'Facts',
  columnsConfig: 'Configuration',
  columnsConfigAdd: 'Add a setting, such as optimizer.lr',
  columnsConfigLabel: 'A setting by its dotted path',
  columnsAdd: 'Add',
  tableLabel: (count: number) => `Table of ${countRuns(count)}`,
  select: (name: string) => `Draw ${name}`,
  drawn: (count: number, isChosen: boolean) =>
    isChosen
      ? `${countRuns(count)} selected.`
      : count === 1
        ? 'The newest run is drawn; select runs in the table to draw others.'
        : `The ${count} newest runs are drawn; select runs in the table to draw others.`,
  tooMany: (most: number) => `At most ${most} runs are drawn at once.`,
  selectNone: 'Select none',
  curvesNone: 'These runs have recorded no such values.',
  columnNames: {
    run: 'Run',
    status: 'Status',
    tags: 'Tags',
    note: 'Note',
    started: 'Started',
    duration: 'Duration',
    steps: 'Steps',
    dataset: 'Dataset',
    version: 'Model version',
    machine: 'Machine',
    memory: 'Peak memory',
  } as Readonly<Record<string, string>>,
  differencesHeading: 'What differs in their configurations',
  differencesNone: (count: number) =>
    `Their configurations are the same${count === 0 ? '' : ` in all ${formatCount(count)} settings`}.`,
  differencesSame: (count: number) => `${formatCount(count)} settings are the same.`,
  differencesSetting: 'Setting',
  absent: 'not set',
  shortcuts: 'Keyboard',
  shortcutList: [
    ['/', 'go to the filter'],
    ['g then r, s, l, m', 'runs, sweeps, lineage, registry of models'],
    ['Space', 'in the table: select the run of the focused box'],
    ['← →', 'on a chart: move'],
    ['+ −', 'on a chart: zoom'],
    ['0', 'on a chart: show everything'],
    ['Esc', 'close a dialog'],
  ] as readonly (readonly [string, string])[],

  back: (where: string) => `Back to ${where}`,
  stop: 'Stop',
  resume: 'Resume',
  stopHeading: (name: string) => `Stop ${name}?`,
  stopText:
    'The training writes a checkpoint after its current step and ends. It can be resumed later without loss.',
  stopConfirm: 'Stop the run',
  stopRequested: 'It was asked to stop and ends after its current step.',
  resumeHeading: (name: string) => `Resume ${name}?`,
  resumeText: 'A training starts on the machine of this server and continues at the last checkpoint.',
  resumeConfirm: 'Resume the run',
  resumeStarted: (pid: number) => `It continues as process ${pid} on the server’s machine.`,
  compareLink: 'Compare with others',
  lineageLink: 'Lineage',
  runParts: {
    curves: 'Curves',
    configuration: 'Configuration',
    log: 'Log',
    artifacts: 'Artifacts',
    histograms: 'Histograms',
    texts: 'Texts',
    environment: 'Environment',
  },
  partsLabel: 'Parts of the run',
  bestAt: (step: number) => `at step ${formatCount(step)}`,
  bestLoss: 'Best val_loss',
  tagsLabel: 'Tags, separated by commas',
  noteLabel: 'Note',
  noTags: 'no tags',
  noNote: 'no note',
  edit: 'Edit tags and note',
  configurationFilter: 'Find a setting',
  configurationValue: 'Value',
  configurationOrigin: 'Set by',
  configurationNone: 'No setting has this in its name.',
  logNone: 'The log is empty.',
  artifactsNone: 'This run has recorded no artifacts.',
  artifactName: 'Name',
  artifactKind: 'Kind',
  artifactSize: 'Size',
  artifactDigest: 'Digest',
  artifactPath: 'Where',
  histogramsNone: 'This run has recorded no histograms.',
  histogramAt: (step: number) => `step ${formatCount(step)}`,
  histogramStep: 'Step',
  histogramLabel: (name: string, step: number, low: string, high: string) =>
    `Histogram of ${name} at step ${formatCount(step)}, from ${low} to ${high}`,
  textsNone: 'This run has recorded no texts.',
  environmentNone: 'This run has recorded nothing about its environment.',

  sweepsHeading: 'Sweeps',
  sweepsLead: 'Searches for good settings: each trial is a run.',
  sweepsNone: 'No sweep yet',
  sweepsNoneAdvice: 'Start one on the command line, for example with: veracity sweep',
  sweepName: 'Sweep',
  sweepMethod: 'Method',
  sweepTrials: 'Trials',
  sweepBest: 'Best',
  sweepMetric: 'Metric',
  sweepLead: (method: string, goal: 'minimize' | 'maximize', metric: string) =>
    `${method}, ${goal === 'minimize' ? 'lowest' : 'highest'} ${metric} is best.`,
  trialCounts: (counts: {
    readonly finished: number;
    readonly running: number;
    readonly failed: number;
    readonly stopped: number;
    readonly planned: number | null;
  }) =>
    [
      `${formatCount(counts.finished)}${counts.planned === null ? '' : ` of ${formatCount(counts.planned)}`} finished`,
      ...(counts.running > 0 ? [`${counts.running} running`] : []),
      ...(counts.stopped > 0 ? [`${counts.stopped} stopped early`] : []),
      ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ].join(', '),
  bestOf: (value: string, trial: number) => `${value} (trial ${trial})`,
  historyHeading: 'History',
  historyLead: 'Each trial in order, and the best so far. Hollow dots were stopped early.',
  historyLabel: (count: number, best: string) =>
    `${countTrials(count)} in order; the best value is ${best}. The table of trials has the values.`,
  trialAxis: 'trial',
  parallelHeading: 'Parallel coordinates',
  parallelLead:
    'Each line is a trial. Drag along an axis to keep only the lines that pass there; click the axis to undo it.',
  parallelLabel: (count: number, axes: readonly string[]) =>
    `${countTrials(count)} as lines over ${listWords(axes)}. The table of trials has the values.`,
  parallelKept: (kept: number, count: number) =>
    kept === count ? countTrials(count) : `${formatCount(kept)} of ${countTrials(count)}`,
  parallelReset: 'Show all lines',
  parallelFrom: (name: string) => `${name}, at least`,
  parallelTo: (name: string) => `${name}, at most`,
  parallelRanges: 'Ranges as numbers',
  importanceHeading: 'Importance',
  importanceLead: 'How much of the differences between the trials each parameter explains.',
  importanceCorrelation: (kind: 'spearman' | 'ratio', value: number) =>
    kind === 'spearman'
      ? `rank correlation ${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
      : `correlation ratio η² ${value.toFixed(2)}`,
  importanceInterval: (low: string, high: string) => `${low} to ${high} in 80% of the trees`,
  importancePairs: (
    pairs: readonly { readonly names: readonly [string, string]; readonly share: string }[],
  ) =>
    `Together beyond each alone: ${pairs.map(({ names, share }) => `${names.join(' with ')} ${share}`).join('; ')}.`,
  importanceTrials: (count: number, stopped: number) =>
    stopped === 0
      ? `From ${countTrials(count)}.`
      : `From ${countTrials(count)}; ${formatCount(stopped)} of them stopped early and count with the value that they had reached.`,
  importanceMetric: 'Importance for',
  scatterHeading: 'One parameter against the result',
  scatterParameter: 'Parameter',
  scatterLabel: (parameter: string, metric: string, count: number) =>
    `${countTrials(count)}: ${parameter} against ${metric}. The table of trials has the values.`,
  paretoHeading: 'Two metrics at once',
  paretoLead:
    'On the line lie the finished trials that no other beats in both metrics. Hollow dots were stopped early.',
  paretoBest: 'On the line:',
  paretoFirst: 'Across',
  paretoSecond: 'Up',
  paretoLabel: (a: string, b: string, best: number) => `${a} against ${b}; ${countTrials(best)} on the line.`,
  noiseHeading: 'Noise of the seed',
  noiseLead:
    'The same settings trained several times. Settings whose ranges overlap may differ by luck alone.',
  noiseLabel: (count: number) => `Ranges of ${count} settings that were repeated`,
  noiseOf: (count: number, mean: string, spread: string | null) =>
    spread === null ? `1 run: ${mean}` : `${count} runs: mean ${mean}, standard deviation ${spread}`,
  noiseChance: (chance: string) => `A new training is better than one with the best in ${chance} of cases.`,
  trialsHeading: 'Trials',
  trial: 'Trial',
  trialState: 'State',
  trialRun: 'Run',
  trialsNone: 'No trial yet.',
  trialName: (trial: number) => `Trial ${trial}`,
  trialRepeats: (trial: number, seed: number | null) => `trial ${trial} again, seed ${seed ?? '–'}`,
  any: 'any',
  bestTag: 'best',
  notActive: 'not set',
  shadeBest: 'best',
  shadeWorst: 'worst',

  lineageHeading: 'Lineage',
  lineageLead:
    'From the raw files to what is deployed. Choose anything to see what it comes from and what came of it.',
  lineageTrace: 'Id of a record or hash of a raw file',
  lineageTraceExample: 'prediction, NAME@3, run-…, ds-…, md5',
  lineageTraceGo: 'Trace',
  lineageNone: 'Nothing to draw yet',
  lineageNoneAdvice: 'Train a run first: its files, its data version and what it registered appear here.',
  lineageKinds: {
    file: 'Raw files',
    dataset: 'Data version',
    pretrained: 'Pretrained weights',
    commit: 'Commit',
    sweep: 'Sweep',
    run: 'Run',
    model: 'Model version',
    deployment: 'Deployment',
    prediction: 'Prediction',
    evaluation: 'Evaluation',
    feedback: 'Feedback export',
  } as Readonly<Record<string, string>>,
  lineageMissing: 'not there any more',
  lineageLabel: (count: number) =>
    `Lineage drawn with ${count} parts. Each is a link; arrows move between them.`,
  lineageOpen: 'Open',
  created: 'Created',
  lineageMore: (counts: readonly (readonly [string, number])[]) =>
    `Not drawn: ${listWords(counts.map(([kind, count]) => `${formatCount(count)} more of the kind “${kind}”`))}.`,
  lineageAll: 'Draw all',
  lineageFrom: 'Comes from',
  lineageTo: 'Became',
  lineageNothing: 'nothing recorded',

  registryHeading: 'Registry',
  registryLead: 'Model versions, their stages and their figures.',
  registryNone: 'No model version yet',
  registryNoneAdvice: 'A finished run registers one, for example with: veracity models register',
  registryServed: (reference: string) => `${reference} is used where no model is named.`,
  registryUndecided: (references: readonly string[]) =>
    `${listWords(references)} are in production. Promote one of them as the default to decide which is used.`,
  version: 'Version',
  stage: 'Stage',
  stages: { production: 'production', staging: 'staging' } as Readonly<Record<string, string>>,
  noStage: 'none',
  registered: 'Registered',
  ownFigure: 'Own test',
  otherFigure: 'Other sources',
  notMeasured: 'not measured',
  likelyBetween: (low: string, high: string) => `${low} to ${high}`,
  size: 'Size',
  promote: 'Promote',
  rollback: 'Roll back',
  actions: 'Actions',
  promoteHeading: (reference: string) => `Promote ${reference}`,
  promoteText: (stage: string, current: string | null) =>
    current === null
      ? `Nothing is in ${stage} under this name.`
      : `It replaces ${current} in ${stage}. The gate compares both first.`,
  promoteForce: 'Promote although it is worse or cannot be compared',
  promoteDefault: 'Use it where no model is named',
  promoteConfirm: 'Promote',
  rollbackHeading: (name: string, version: number) => `Roll ${name} back to version ${version}`,
  rollbackText: (from: string | null, to: string) =>
    from === null ? `${to} goes back into production.` : `${from} leaves production and ${to} goes back.`,
  rollbackConfirm: 'Roll back',
  reason: 'Reason',
  reasonHint: 'Kept with the change, for those who ask later',
  reasonMissing: 'Give a reason first.',
  stageDone: (reference: string, stage: string) => `${reference} is in ${stage} now.`,
  needsRestart: 'Servers that run now keep the version before, because the classes differ: restart them.',
  stageHistory: 'Changes of stages',
  changeForced: 'forced',
  changeTo: (version: number | null, stage: string, action: 'promote' | 'rollback') =>
    version === null
      ? `${stage} emptied`
      : `version ${version} ${action === 'promote' ? 'promoted to' : 'rolled back into'} ${stage}`,
  noReason: 'no reason given',
};
