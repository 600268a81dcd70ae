// veracity completion: prints the script that makes a shell complete commands, options, keys, choices and names.
import { appError } from '../../foundation/core/index.ts';
import type { Command } from './command.ts';
import { type CompletedCommands, completeLine } from './complete-line.ts';
import { completionScripts, SHELLS } from './completion-scripts.ts';

/** @param listAll  the table of all commands, which holds this command too */
export const createCompletionCommand = (listAll: () => CompletedCommands): Command => ({
  name: 'completion',
  summary: 'print the completion script for bash, zsh or fish',
  argumentsUsage: '<shell> [words...]',
  options: [],
  examples: [
    'eval "$(veracity completion bash)"   # in ~/.bashrc; for zsh the same in ~/.zshrc, after compinit',
    'veracity completion fish | source',
    'veracity completion bash -- train mod   # what the script calls: completions at the cursor',
  ],
  run: async ({ args: [name = '', ...words] }, context) => {
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined) {
      throw appError('USAGE', {
        where: 'completion',
        problem: `expected one of the shells ${SHELLS.join(', ')}, got ${name}`,
        hint: 'For example: eval "$(veracity completion bash)"',
      });
    }
    if (words.length === 0) {
      const script = completionScripts[shell];
      return { json: { shell, script }, text: script.trimEnd() };
    }
    const search = readSearch(words);
    const completion = await completeLine(words, listAll(), { ...context, ...search });
    const lines =
      completion.paths === null
        ? completion.candidates.map(({ text, about }) => (about ? `${text}\t${about}` : text))
        : [`:${completion.paths}`];
    return { json: completion, text: lines.join('\n') };
  },
});

/** The folders of configuration files that the line names. */
function readSearch(words: readonly string[]): { configDirs: readonly string[]; searchesConfigs: boolean } {
  const configDirs = words.filter((_, i) => words[i - 1] === '--config-dir' && i < words.length - 1);
  return { configDirs, searchesConfigs: !words.includes('--no-configs') };
}
