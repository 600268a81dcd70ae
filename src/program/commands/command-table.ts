// The table of all commands: name, summary, and where the code is. Help reads only this table, which keeps it fast; a
// command's module is loaded when the command is called. To add a command, add one entry.
import type { EntryName } from '../../workflows/configuration/index.ts';
import type { Command } from './command.ts';

export interface TableEntry {
  /** The name as typed; two words form a group, such as `data prepare`. */
  readonly name: string;
  readonly summary: string;
  /** The configuration that its `[overrides...]` change. The command then has --cfg and --multirun. */
  readonly config?: EntryName;
  /** True if it reads configuration files without such arguments; it then has --config-dir too. */
  readonly readsConfigs?: true;
  readonly load: () => Promise<Command>;
}

export const commandTable: readonly TableEntry[] = [
  {
    name: 'demo',
    summary: 'train on the bundled sample, then serve the result with the web page',
    config: 'serve',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'data prepare',
    summary: 'read, clean, de-duplicate and split articles into a dataset version',
    config: 'train',
    load: async () => (await import('./data-prepare.ts')).dataPrepareCommand,
  },
  {
    name: 'data audit',
    summary: 'report leaks of the label and other problems of the data',
    config: 'train',
    load: async () => (await import('./data-audit.ts')).dataAuditCommand,
  },
  {
    name: 'data add',
    summary: 'put a file or folder under version control: into the cache, with a pointer (.dvc) for Git',
    load: async () => (await import('./data-add.ts')).dataAddCommand,
  },
  {
    name: 'data commit',
    summary: 'record what data with pointers is now',
    load: async () => (await import('./data-commit.ts')).dataCommitCommand,
  },
  {
    name: 'data checkout',
    summary: 'make data what its pointers say, from the cache',
    load: async () => (await import('./data-checkout.ts')).dataCheckoutCommand,
  },
  {
    name: 'data status',
    summary: 'show which data has changed, and what is missing in the cache',
    load: async () => (await import('./data-status.ts')).dataStatusCommand,
  },
  {
    name: 'data diff',
    summary: 'rows added, removed, relabelled or rewritten between two states of the data',
    config: 'train',
    load: async () => (await import('./data-diff.ts')).dataDiffCommand,
  },
  {
    name: 'data push',
    summary: 'send the data that pointers name to the remote',
    load: async () => (await import('./data-push.ts')).dataPushCommand,
  },
  {
    name: 'data pull',
    summary: 'fetch the data that pointers name from the remote, or a known dataset such as isot',
    readsConfigs: true,
    load: async () => (await import('./data-pull.ts')).dataPullCommand,
  },
  {
    name: 'data stats',
    summary: 'sizes, lengths, balance, languages, sources and copies of a dataset',
    config: 'train',
    load: async () => (await import('./data-stats.ts')).dataStatsCommand,
  },
  {
    name: 'data list',
    summary: 'list the dataset versions of this home, newest first',
    load: async () => (await import('./data-list.ts')).dataListCommand,
  },
  {
    name: 'data delete',
    summary: 'delete dataset versions with the articles that only they hold',
    load: async () => (await import('./data-delete.ts')).dataDeleteCommand,
  },
  {
    name: 'data gc',
    summary: 'delete half-written files, and blobs and cached objects that no dataset and no pointer names',
    load: async () => (await import('./data-gc.ts')).dataGcCommand,
  },
  {
    name: 'ci data',
    summary: 'check the data of a pull request: pull, audit, statistics, difference',
    config: 'train',
    load: async () => (await import('./ci-data.ts')).ciDataCommand,
  },
  {
    name: 'ci model',
    summary: 'check a model version: files, figures against production, latency; promote it',
    load: async () => (await import('./ci-model.ts')).ciModelCommand,
  },
  {
    name: 'ci init',
    summary: 'write workflows for GitHub Actions that call the checks',
    load: async () => (await import('./ci-init.ts')).ciInitCommand,
  },
  {
    name: 'ci secrets',
    summary: 'fail where a file holds what looks like a key or a password',
    load: async () => (await import('./ci-secrets.ts')).ciSecretsCommand,
  },
  {
    name: 'train',
    summary: 'train, evaluate and register a model',
    config: 'train',
    load: async () => (await import('./train.ts')).trainCommand,
  },
  {
    name: 'sweep list',
    summary: 'list the sweeps of this home, newest first',
    load: async () => (await import('./sweep-list.ts')).sweepListCommand,
  },
  {
    name: 'sweep show',
    summary: 'show one sweep: its trials, which settings matter, the best by budget, the noise of the seed',
    load: async () => (await import('./sweep-show.ts')).sweepShowCommand,
  },
  {
    name: 'sweep delete',
    summary: 'delete sweeps with their trials; their runs stay',
    load: async () => (await import('./sweep-delete.ts')).sweepDeleteCommand,
  },
  {
    name: 'sweep',
    summary: 'search for the best settings of a training',
    readsConfigs: true,
    load: async () => (await import('./sweep.ts')).sweepCommand,
  },
  {
    name: 'worker',
    summary: "run trials from the queue of a team's database (VERACITY_DB)",
    load: async () => (await import('./worker.ts')).workerCommand,
  },
  {
    name: 'evaluate',
    summary: 'measure a model on its test split or on other articles',
    readsConfigs: true,
    load: async () => (await import('./evaluate.ts')).evaluateCommand,
  },
  {
    name: 'predict',
    summary: 'predict the class of one article, or of every article of a file',
    load: async () => (await import('./predict.ts')).predictCommand,
  },
  {
    name: 'serve',
    summary: 'serve the HTTP API and the web page',
    config: 'serve',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'studio',
    summary: 'show runs, sweeps and the registry of this home in the browser',
    load: async () => (await import('./studio.ts')).studioCommand,
  },
  {
    name: 'loadtest',
    summary: 'load-test a server: send articles as many users would, and measure the responses',
    load: async () => (await import('./loadtest.ts')).loadtestCommand,
  },
  {
    name: 'runs list',
    summary: 'list runs, newest first, with filters',
    load: async () => (await import('./runs-list.ts')).runsListCommand,
  },
  {
    name: 'runs show',
    summary: 'show one run: status, evaluations, files',
    load: async () => (await import('./runs-show.ts')).runsShowCommand,
  },
  {
    name: 'runs compare',
    summary: 'compare runs: settings that differ, metrics, and the best by step, epoch, time and articles',
    load: async () => (await import('./runs-compare.ts')).runsCompareCommand,
  },
  {
    name: 'runs reproduce',
    summary: 'train a run again as a new run, and compare both to the last bit',
    load: async () => (await import('./runs-reproduce.ts')).runsReproduceCommand,
  },
  {
    name: 'runs tag',
    summary: 'add tags to runs, or remove them',
    load: async () => (await import('./runs-tag.ts')).runsTagCommand,
  },
  {
    name: 'runs note',
    summary: 'write a note to a run, or delete it',
    load: async () => (await import('./runs-note.ts')).runsNoteCommand,
  },
  {
    name: 'runs export',
    summary:
      'send a run to MLflow, TensorBoard or Weights & Biases, or write the points of runs as CSV or JSON Lines',
    load: async () => (await import('./runs-export.ts')).runsExportCommand,
  },
  {
    name: 'runs delete',
    summary: 'delete runs with their logs, checkpoints and exported models',
    load: async () => (await import('./runs-delete.ts')).runsDeleteCommand,
  },
  {
    name: 'runs gc',
    summary: 'delete half-written files, and the checkpoints of finished runs',
    load: async () => (await import('./runs-gc.ts')).runsGcCommand,
  },
  {
    name: 'models list',
    summary: 'list the registered model versions, their stages and figures',
    load: async () => (await import('./models-list.ts')).modelsListCommand,
  },
  {
    name: 'models show',
    summary: "show a version's model card, files and history; checks its files",
    load: async () => (await import('./models-show.ts')).modelsShowCommand,
  },
  {
    name: 'models promote',
    summary: 'put a version into production (or staging), unless it is worse than what is there',
    load: async () => (await import('./models-promote.ts')).modelsPromoteCommand,
  },
  {
    name: 'models rollback',
    summary: 'put the version that was in production before back',
    load: async () => (await import('./models-rollback.ts')).modelsRollbackCommand,
  },
  {
    name: 'models retry',
    summary: 'let a server try a version again that it withdrew for errors or latency',
    load: async () => (await import('./models-retry.ts')).modelsRetryCommand,
  },
  {
    name: 'models delete',
    summary: 'delete model versions; their numbers are not given again',
    load: async () => (await import('./models-delete.ts')).modelsDeleteCommand,
  },
  {
    name: 'models gc',
    summary: 'delete half-written versions',
    load: async () => (await import('./models-gc.ts')).modelsGcCommand,
  },
  {
    name: 'keys create',
    summary: 'create an API key; it is shown only once',
    load: async () => (await import('./keys-create.ts')).keysCreateCommand,
  },
  {
    name: 'keys list',
    summary: 'list the API keys of this home',
    load: async () => (await import('./keys-list.ts')).keysListCommand,
  },
  {
    name: 'keys revoke',
    summary: 'refuse an API key from now on',
    load: async () => (await import('./keys-revoke.ts')).keysRevokeCommand,
  },
  {
    name: 'models export',
    summary: 'write a smaller copy of a model: half or 8-bit weights, fewer attention heads',
    readsConfigs: true,
    load: async () => (await import('./models-export.ts')).modelsExportCommand,
  },
  {
    name: 'replay',
    summary: 'repeat a stored prediction and compare the results',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  {
    name: 'lineage',
    summary: 'show what a record comes from, or what was made of a file, a row or a source',
    load: async () => (await import('./lineage.ts')).lineageCommand,
  },
  {
    name: 'feedback export',
    summary: "write readers' feedback as rows for the next dataset",
    load: async () => (await import('./feedback-export.ts')).feedbackExportCommand,
  },
  {
    name: 'translate',
    summary: "translate another trainer's settings (YAML files, arguments) into overrides; runs nothing",
    load: async () => (await import('./translate.ts')).translateCommand,
  },
  {
    name: 'completion',
    summary: 'print the completion script for bash, zsh or fish',
    load: async () => {
      const { createCompletionCommand } = await import('./completion.ts');
      return createCompletionCommand(() => ({ table: commandTable, groupSummaries }));
    },
  },
  {
    name: 'doctor',
    summary: 'check this machine and this folder: what is wrong first, and the command that mends it',
    readsConfigs: true,
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
];

/** Summaries of the groups of two-word commands, for help. */
export const groupSummaries: Readonly<Record<string, string>> = {
  ci: 'checks for continuous integration',
  data: 'prepare and audit datasets; versions of data files in the way of DVC',
  feedback: "readers' feedback on predictions",
  keys: 'create, list and revoke API keys of the server',
  models: 'list, promote, roll back, export and delete registered models',
  runs: 'list, compare, reproduce, annotate, export and delete training runs',
  sweep: 'search for the best settings of a training',
};
