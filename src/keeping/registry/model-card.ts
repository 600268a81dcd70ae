// The README.md of a model version: a model card that the Hugging Face hub understands. YAML front matter holds the figures,
// Markdown follows. Figures on the model's own source and on other sources stand side by side, also where none exist.
// Format: huggingface.co docs, "Model Cards" (model-index metadata).

import { basename } from 'node:path';
import { stringify } from 'yaml';
import { formatName } from '../../foundation/core/index.ts';
import {
  type AcceptedLeaks,
  type EvaluationReport,
  formatModelLimit,
  formatTokenCount,
  type ModelColumns,
  type ModelFolder,
  type ModelVersion,
  nameNouns,
  type Run,
} from '../../foundation/records/index.ts';
import { listModelLimits } from './model-limits.ts';

/** What the card needs of a version. The digest is not known yet: it covers the card. */
export type CardVersion = Pick<ModelVersion, 'name' | 'version' | 'createdAt' | 'evaluations'>;

/** @returns Markdown with YAML front matter */
export function buildModelCard(version: CardVersion, info: ModelFolder, run?: Run): string {
  return [
    `---\n${stringify(buildFrontMatter(version, info))}---`,
    `# ${version.name}@${version.version}`,
    ...(info.synthetic ? [SYNTHETIC_NOTICE] : []),
    `A classifier of ${nameNouns(info).many}${info.columns?.title === null ? '' : ' (title and text)'} into ${listClasses(info.classNames)}: \`${info.model}\`, ${info.parameterCount.toLocaleString('en-US')} parameters, reads up to ${formatTokenCount(info.maxTokens, info.traits.unit)}.`,
    `## How well it does\n\n${formatFigures(version.evaluations)}`,
    `## Limits\n\n${listModelLimits(info, version.evaluations)
      .map((limit) => `- ${escapeMarkup(formatModelLimit(limit, nameNouns(info)))}`)
      .join('\n')}`,
    `## Data\n\n${formatData(info, version.evaluations)}`,
    `## Where it comes from\n\n${formatOrigin(version, info, run)}`,
    `## How to use\n\n${formatUse(version, info)}`,
    `## How to cite\n\n${formatCitation(version, info)}`,
    '',
  ].join('\n\n');
}

/** What a model says that no other program loads. */
const OWN_LIBRARY = 'veracity';

const SYNTHETIC_NOTICE =
  '> **Trained on invented articles.** The data set was written to try the program. The figures show that the program works; they say nothing about real news.';

function buildFrontMatter(version: CardVersion, info: ModelFolder): Record<string, unknown> {
  const metric = (type: string, value: number | null): { type: string; value: number }[] =>
    value === null ? [] : [{ type, value: Number(value.toFixed(4)) }];
  return {
    // An int8 folder has only the ONNX file, no checkpoint that transformers could load.
    library_name: info.precision === 'int8' ? 'onnx' : info.traits.library,
    pipeline_tag: 'text-classification',
    tags: ['veracity', info.family, ...(info.synthetic ? ['synthetic-data'] : [])],
    'model-index': [
      {
        name: `${version.name}@${version.version}`,
        results: version.evaluations.map((report) => ({
          task: { type: 'text-classification' },
          dataset: { name: report.collection, type: report.testSet },
          metrics: [
            ...metric('accuracy', report.metrics.accuracy),
            ...metric('f1', report.metrics.macroF1),
            ...metric('roc_auc', report.metrics.rocAuc),
            ...metric('brier_score', report.metrics.brier),
          ],
        })),
      },
    ],
  };
}

const listClasses = (names: readonly string[]): string =>
  new Intl.ListFormat('en', { type: 'conjunction' }).format(names.map(formatName));

function formatFigures(evaluations: readonly EvaluationReport[]): string {
  const own = evaluations.filter((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  const columns = [...own, ...(others.length === 0 ? [null] : others)];
  if (own.length === 0) columns.unshift(null);
  const titles = columns.map((report, index) => {
    if (report === null) return index === 0 && own.length === 0 ? 'its own source' : 'other sources';
    return `${report.collection}${report.outOfSource ? ', another source' : ''}${report.synthetic ? ', synthetic' : ''}`;
  });
  const row = (label: string, cell: (report: EvaluationReport) => string): string =>
    `| ${label} | ${columns.map((report) => (report === null ? 'not measured' : cell(report))).join(' | ')} |`;
  return [
    `| | ${titles.map(escapeCell).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    row('articles', (report) => String(report.n)),
    row('accuracy', (report) => withInterval(report.metrics.accuracy, report.intervals.accuracy)),
    row('macro F1', (report) => withInterval(report.metrics.macroF1, report.intervals.macroF1)),
    row('ROC-AUC', (report) => withInterval(report.metrics.rocAuc, report.intervals.rocAuc)),
    row('Brier score', (report) => withInterval(report.metrics.brier, report.intervals.brier)),
    row('calibration error (ECE)', (report) => withInterval(report.metrics.ece, report.intervals.ece)),
    row('loss', (report) => withInterval(report.metrics.loss, report.intervals.loss)),
    row('answered (not "not sure")', (report) => report.abstention.answered.toFixed(3)),
    row('also in its training data', (report) =>
      report.seenInTraining === null ? 'not looked up' : String(report.seenInTraining),
    ),
    '',
    'In brackets: 95% bootstrap intervals. Figures on articles from its own source say little about others.',
  ].join('\n');
}

function withInterval(value: number | null, interval: readonly [number, number] | null): string {
  if (value === null) return 'one class only';
  return interval === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`;
}

function escapeCell(text: string): string {
  return escapeMarkup(text).replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

/** Names come from files and the command line: Markdown would render markup in them. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function formatData(info: ModelFolder, evaluations: readonly EvaluationReport[]): string {
  const cleaning = info.cleaning.strip
    ? 'Datelines, credits and other give-aways of the outlet were removed before training, and are removed before it predicts.'
    : 'Give-aways of the outlet (datelines, credits) were **not** removed: it may have learned the outlet instead of the writing.';
  const own = evaluations.find((report) => !report.outOfSource);
  const classes = own?.perClass.map((figures) => `${figures.support} ${figures.name}`).join(', ');
  return [
    `Trained on \`${info.datasetName}\`${info.synthetic ? ` (invented ${nameNouns(info).many})` : ''}, dataset version \`${info.datasetVersion}\`. Near-duplicate ${nameNouns(info).many} never lie in two splits.`,
    ...(info.columns === undefined ? [] : [formatColumns(info.columns)]),
    cleaning,
    ...(info.acceptedLeaks === undefined ? [] : [formatLeaks(info.acceptedLeaks)]),
    `Usual ${nameNouns(info).many} have ${info.usualTokens.low} to ${formatTokenCount(info.usualTokens.high, info.traits.unit)}; predictions for shorter ones are less certain.`,
    ...(classes === undefined ? [] : [`The test split holds ${classes}.`]),
  ].join('\n');
}

/** Which leaks the model was allowed to learn, and why. */
function formatLeaks({ reason, leaks }: AcceptedLeaks): string {
  const list = leaks.map(({ summary, className, separation }) => {
    const percent = (100 * separation).toFixed(1);
    return `${escapeMarkup(summary)} (tells ${escapeMarkup(formatName(className))}, ${percent}%)`;
  });
  return `**Something else gives the label away in its data**, so the figures promise too much: ${list.join('; ')}. It was trained all the same, for this reason: ${escapeMarkup(reason).replaceAll(/\s+/g, ' ')}`;
}

/** The columns by which files to predict may have their articles. */
function formatColumns(columns: ModelColumns): string {
  const named = (['title', 'text', 'label', 'id'] as const).flatMap((role) =>
    columns[role] === null ? [] : [`${role}: ${escapeMarkup(columns[role]).replaceAll(/\s+/g, ' ')}`],
  );
  return `Columns of its file: ${named.join('; ')}.`;
}

function formatOrigin(version: CardVersion, info: ModelFolder, run: Run | undefined): string {
  const facts = [
    ['registered', version.createdAt],
    ['run', info.runId],
    ['dataset version', info.datasetVersion],
    ...(info.pretrained === undefined ? [] : [['pretrained from', formatPretrainedOrigin(info.pretrained)]]),
    ...(run === undefined
      ? []
      : [
          ['commit', run.commit ?? 'not a checkout'],
          ['veracity', run.versions.veracity],
          ['ONNX Runtime', run.versions.onnxruntime],
        ]),
    ['temperature', info.calibration.temperature.toFixed(4)],
    ...(info.precision === undefined ? [] : [['made from', `${info.parents[0]}, as ${info.precision}`]]),
    ...(info.prunedHeads === undefined
      ? []
      : [['attention heads pruned', `${info.prunedHeads.flat().length}, the least important on validation`]]),
    [
      'export check',
      `the ONNX file matches ${info.precision === undefined ? 'training' : 'the original'} within ${info.exportCheck.maxLogitDifference.toExponential(1)} (logits of ${info.exportCheck.articles} articles)${formatAgreement(info)}`,
    ],
  ];
  return facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}

function formatPretrainedOrigin({ name, revision, sha256 }: NonNullable<ModelFolder['pretrained']>): string {
  // A folder's path is of no use on another machine, and may reveal something about this one.
  const shown = revision === null ? basename(name) : name;
  const at = revision === null ? '' : ` at \`${revision}\``;
  return `\`${escapeMarkup(shown)}\`${at}, sha256 of its weights \`${sha256}\``;
}

function formatAgreement({ exportCheck: { agreement } }: ModelFolder): string {
  return agreement === undefined ? '' : `; same label as the original on ${(100 * agreement).toFixed(1)}%`;
}

function formatUse(version: CardVersion, info: ModelFolder): string {
  const ours = `\`\`\`sh\nnpx veracity predict --model ${version.name}@${version.version} --title "…" --text "…"\n\`\`\``;
  const note = `Its logits are divided by the temperature above before the softmax; other libraries that load this folder give uncalibrated probabilities.`;
  return info.traits.library === OWN_LIBRARY ? ours : [ours, formatPythonUse(info), note].join('\n\n');
}

/** How Python's pipeline is called so that it cuts articles as the model does, and where other programs differ. */
function formatPythonUse({ maxTokens, truncation, precision }: ModelFolder): string {
  const tail =
    truncation === 'head'
      ? []
      : [
          'Of longer articles this model reads the beginning and the end; other programs keep the beginning only, so their logits differ there.',
        ];
  const javascript = `transformers.js gives the same logits for articles of at most ${maxTokens} tokens; it drops the closing token of longer ones, whose logits therefore differ.`;
  if (precision === 'int8') return [javascript, ...tail].join('\n\n');
  const call = `classify(title + " " + text, truncation=True, max_length=${maxTokens})`;
  return [
    `\`\`\`python\nfrom transformers import pipeline\n\nclassify = pipeline("text-classification", "FOLDER")\n${call}\n\`\`\``,
    `Without \`truncation=True\` Python fails on articles of more tokens than the model has positions.`,
    javascript,
    ...tail,
  ].join('\n\n');
}

function formatCitation(version: CardVersion, info: ModelFolder): string {
  const year = version.createdAt.slice(0, 4);
  const key = `${version.name}-${version.version}`;
  return [
    '```bibtex',
    `@misc{veracity-${key},`,
    `  title = {${version.name}@${version.version}: an article classifier trained with Veracity},`,
    `  year = {${year}},`,
    `  note = {${info.runId}, dataset version ${info.datasetVersion}}`,
    '}',
    '```',
  ].join('\n');
}
