// veracity evaluate: measures a model on its own test split or on other data. Earlier reports are shown beside the new ones.
import {
  appError,
  assertFileWritable,
  resolveUserPath,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import { formatEvaluationHtml, formatEvaluationText } from '../../judging/evaluate/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { evaluateModel } from '../../workflows/evaluate/index.ts';
import { listCombinations } from '../../workflows/sweep/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import { parseEvaluationArguments } from './evaluation-arguments.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'measure a model on its test split or on other articles',
  argumentsUsage: '[run=ID|model=NAME@VERSION] [dataset=ID] [split=test|all] [overrides...]',
  options: [{ flags: '--html <file>', description: 'also write one self-contained page with the plots' }],
  examples: [
    'veracity evaluate model=sample@1',
    'veracity evaluate run=run-20260101-000000-abcd --html evaluation.html',
    'veracity evaluate model=compact data=csv data.path=other.csv data.columns.title=headline',
    'veracity evaluate model=sample@2 dataset=ds-0123456789ab',
    'veracity evaluate --multirun model=sample@1,sample@2 split=test,validation',
  ],
  multirun: evaluateEach,
  run: async (input, context) => {
    const { request, html } = parseEvaluationArguments(input, context);
    // Before the work whose result goes there.
    if (html !== null) assertFileWritable(resolveUserPath(context.workingDirectory, html));
    const warnings: string[] = [];
    const warn: WorkflowContext['warn'] = (text, fact) => {
      warnings.push(text);
      context.warn(text, fact);
    };
    const { modelVersion: model, requested, reports } = await evaluateModel(request, { ...context, warn });
    const subject = { model, reports };
    if (html !== null) writePage(html, formatEvaluationHtml(subject), context);
    return {
      json: {
        n: requested.n,
        test: requested.metrics,
        model,
        collection: requested.collection,
        outOfSource: requested.outOfSource,
        seenInTraining: requested.seenInTraining,
        reports,
        warnings,
      },
      text: formatEvaluationText(subject),
    };
  },
};

/** Evaluates every combination of the values, one after the other. */
async function evaluateEach(input: CommandInput, context: WorkflowContext): Promise<CommandResult> {
  if (input.options.html !== undefined)
    throw appError('USAGE', {
      where: 'evaluate',
      problem: 'expected no --html beside --multirun',
      hint: 'One page holds one evaluation.',
    });
  const jobs: {
    readonly job: number;
    readonly overrides: readonly string[];
    readonly result: CommandResult;
  }[] = [];
  for (const [job, overrides] of listCombinations(input.args, context).entries()) {
    context.say(`#${job} ${overrides.join(' ')}`);
    jobs.push({ job, overrides, result: await evaluateCommand.run({ ...input, args: overrides }, context) });
  }
  return {
    json: {
      jobs: jobs.map(({ job, overrides, result }) => ({ job, overrides, ...(result.json as object) })),
    },
    text: jobs
      .map(({ job, overrides, result }) => `#${job} ${overrides.join(' ')}\n${result.text}`)
      .join('\n\n'),
  };
}

function writePage(file: string, html: string, { workingDirectory, say }: WorkflowContext): void {
  const path = resolveUserPath(workingDirectory, file);
  writeFileAtomic(path, html);
  say(`wrote ${path}`);
}
