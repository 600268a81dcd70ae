// Runs a command line: finds the command, parses its options, runs it, prints its result or error, and returns the exit
// code. Writes through `io`, so that tests can run it in-process.
import { Command as Commander, CommanderError } from 'commander';
import { appError } from '../../foundation/core/index.ts';
import { CollectedWarnings } from './collected-warnings.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import type { ConfigSearch } from './command-context.ts';
import { commandTable, groupSummaries, type TableEntry } from './command-table.ts';
import { asAppError, formatError, formatErrorDocument } from './error-output.ts';
import type { ProgramIo } from './program-io.ts';

export type { ProgramIo } from './program-io.ts';

/**
 * Runs one command line (without `node` and the script); never throws.
 * @returns the exit code: see EXIT_CODES
 */
export async function runProgram(
  argv: readonly string[],
  io: ProgramIo,
  table = commandTable,
): Promise<number> {
  const isJson = argv.includes('--json');
  const warnings = new CollectedWarnings();
  const warn = warnings.collect(io.warn ?? ((text) => io.stderr(`warning: ${text}\n`)));
  try {
    return await dispatch(argv, { ...io, warn }, table, warnings);
  } catch (error) {
    const known = asAppError(error);
    io.stderr(formatError(known, argv.includes('--verbose')));
    const facts = warnings.isEmpty ? {} : (warnings.addTo({}) as object as Readonly<Record<string, unknown>>);
    if (isJson) io.stdout(formatErrorDocument(known, facts));
    return known.exitCode;
  }
}

async function dispatch(
  argv: readonly string[],
  io: ProgramIo,
  table: readonly TableEntry[],
  warnings: CollectedWarnings,
): Promise<number> {
  // `help train` means `train --help`.
  const args = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
  const words = args.filter((arg) => !arg.startsWith('-'));
  const entry = table.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (entry === undefined && words.length > 0) await assertGroup(words, args, table);
  const isHelp =
    entry === undefined && words.length === 0 && !args.includes('--version') && !args.includes('-V');
  if (isHelp && !args.some((arg) => arg.startsWith('-') && arg !== '--json' && arg !== '--verbose'))
    args.push('--help');

  let exitCode = 0;
  const command = await entry?.load();
  const program = buildProgram(io, table, entry, command, async (input) => {
    exitCode = await runCommand(entry!, command!, input, io, warnings);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, entry?.name);
  }
  return exitCode;
}

/** @throws USAGE if the words are neither a command nor a group */
async function assertGroup(
  words: readonly string[],
  args: readonly string[],
  table: readonly TableEntry[],
): Promise<void> {
  const { findClosest } = await import('../../foundation/config/index.ts');
  const [first = '', second] = words;
  const inGroup = table
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.split(' ')[1]!);
  const isGroup = inGroup.length > 0;
  if (isGroup && second === undefined && args.includes('--help')) return;
  const [typed, choices] = isGroup
    ? [second ?? 'none', inGroup]
    : [first, [...new Set(table.map(({ name }) => name.split(' ')[0]!))]];
  const closest = findClosest(typed, choices);
  throw appError('USAGE', {
    where: isGroup ? `veracity ${first}` : 'veracity',
    problem: `expected one of the commands ${choices.join(', ')}, got ${typed}`,
    hint:
      closest === undefined
        ? `See: veracity ${isGroup ? `${first} ` : ''}--help`
        : `Did you mean: veracity ${isGroup ? `${first} ` : ''}${closest}?`,
  });
}

const EXIT_CODES = [
  '  0    done',
  '  1    refused, or nothing done: a worse model, a failed check, a missed threshold, a full disk',
  '  2    the command line, the configuration, or a file that it reads is wrong',
  '  70   a bug or a broken installation',
  '  130  stopped by Ctrl-C, SIGTERM or a closed terminal',
].join('\n');

type Action = (input: CommandInput) => Promise<void>;

/** Builds the command tree for Commander: all commands with their summaries, the called one also with its options. */
function buildProgram(
  io: ProgramIo,
  table: readonly TableEntry[],
  called: TableEntry | undefined,
  command: Command | undefined,
  action: Action,
): Commander {
  const program = new Commander('veracity')
    .description('Train, evaluate, register and serve classifiers of articles.')
    .version(io.version, '--version', 'print the version')
    .option('--json', 'one JSON document on standard output, and nothing else there')
    .option('--verbose', 'debug logs, and the stack of an error')
    .helpOption('--help', 'show this help')
    .addHelpText(
      'after',
      `\nExamples:\n  veracity demo\n  veracity train model=linear\n  veracity train --help\n\nExit codes:\n${EXIT_CODES}`,
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr, outputError: () => {} });
  program.helpCommand(false);
  const groups = new Map<string, Commander>();
  for (const entry of table) {
    const [first = '', second] = entry.name.split(' ');
    const isGrouped = second !== undefined;
    if (isGrouped && !groups.has(first)) {
      groups.set(
        first,
        program
          .command(first)
          .helpCommand(false)
          .description(groupSummaries[first] ?? first),
      );
    }
    // A group may be a command itself: `sweep` beside `sweep list`.
    const own = isGrouped ? undefined : groups.get(first);
    const parent = isGrouped ? groups.get(first)! : program;
    const sub = (own ?? parent.command(isGrouped ? second : first)).description(entry.summary);
    if (entry === called && command !== undefined) addCommandHelp(sub, entry, command, action);
  }
  return program;
}

function addCommandHelp(sub: Commander, entry: TableEntry, command: Command, action: Action): void {
  if (command.argumentsUsage !== '') sub.arguments(command.argumentsUsage);
  for (const { flags, description, repeatable } of command.options) {
    if (repeatable === true)
      sub.option(flags, `${description} (repeatable)`, (value, before?: string[]) => [
        ...(before ?? []),
        value,
      ]);
    else sub.option(flags, description);
  }
  if (entry.config !== undefined) {
    sub.option('--cfg', 'print the resolved configuration and where each value was set; run nothing');
  }
  if (command.multirun !== undefined)
    sub.option('-m, --multirun', 'run every combination of several values, such as a=1,2 b=x,y');
  if (entry.config !== undefined || entry.readsConfigs === true) {
    sub.option(
      '--config-dir <folder>',
      'search this folder for configuration files first (repeatable)',
      (value, before?: string[]) => [...(before ?? []), value],
    );
    sub.option('--no-configs', 'ignore the folder configs of the working directory');
  }
  sub.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
  sub.action(async () => action({ args: sub.args, options: sub.optsWithGlobals() }));
}

async function runCommand(
  entry: TableEntry,
  command: Command,
  input: CommandInput,
  io: ProgramIo,
  warnings: CollectedWarnings,
): Promise<number> {
  const { options } = input;
  const search = readConfigSearch(options);
  if (entry.config !== undefined && options.cfg === true) {
    const { showConfiguration } = await import('./show-configuration.ts');
    return showConfiguration(entry.config, command.listOverrides?.(input) ?? input.args, options, search, io);
  }
  const { createContext } = await import('./command-context.ts');
  const { warnOfMisspeltVariables } = await import('./misspelt-variables.ts');
  const context = createContext(io, options.verbose === true, search);
  await warnOfMisspeltVariables(io.environment, context.warn);
  const isMultirun = options.multirun === true && command.multirun !== undefined;
  const result = isMultirun ? await command.multirun(input, context) : await command.run(input, context);
  if (options.json === true) {
    const document = warnings.isEmpty ? result.json : warnings.addTo(result.json);
    if (result.jsonList !== undefined) await writeWithList(document, result.jsonList, io);
    else if (document !== undefined) io.stdout(`${JSON.stringify(document, null, 2)}\n`);
  } else if (result.text !== '') io.stdout(`${result.text}\n`);
  return result.exitCode ?? 0;
}

/** Writes one document whose list is written as it comes, an item on each line. */
async function writeWithList(
  document: unknown,
  { name, items, finish }: NonNullable<CommandResult['jsonList']>,
  io: ProgramIo,
): Promise<void> {
  const fields = (json: object): string[] =>
    Object.entries(json).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value, null, 2)}`);
  const indent = (text: string): string => `  ${text.replaceAll('\n', '\n  ')}`;
  const head = fields({ ...(document as object) }).map((field) => `${indent(field)},\n`);
  io.stdout(`{\n${head.join('')}  ${JSON.stringify(name)}: [`);
  let isFirst = true;
  for await (const item of items) {
    io.stdout(`${isFirst ? '' : ','}\n    ${JSON.stringify(item)}`);
    isFirst = false;
  }
  const tail = fields(finish()).map((field) => `,\n${indent(field)}`);
  io.stdout(`${isFirst ? '' : '\n  '}]${tail.join('')}\n}\n`);
}

/** Where configuration files are searched, from --config-dir and --no-configs. */
function readConfigSearch({ configDir, configs }: CommandInput['options']): ConfigSearch {
  return { configDirs: Array.isArray(configDir) ? configDir : [], searchesConfigs: configs !== false };
}

/** Rewrites an error of Commander in the grammar of our errors. */
function usageError(error: CommanderError, name: string | undefined): Error {
  const [problem = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const help = `See: veracity ${name === undefined ? '' : `${name} `}--help`;
  return appError('USAGE', {
    where: name ?? 'veracity',
    problem,
    hint: suggestion === undefined ? help : `${suggestion.replace(/^\(|\)$/g, '')} ${help}`,
  });
}
