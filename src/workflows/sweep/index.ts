// The room's door: what other rooms may use.

export { listCombinations } from './multirun.ts';
export { listSweepChoices, loadSweepRequest, type SweepRequest } from './sweep-definition.ts';
export { resumeSweep, type SweepOptions, type SweepOutcome, startSweep } from './sweep-run.ts';
export { formatOverrides } from './trial-overrides.ts';
export { runWorker, type WorkerOptions, type WorkerOutcome } from './worker.ts';
