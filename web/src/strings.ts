// All English sentences of the page. Class names, and what the texts of the model are called, come from the server and are
// only inserted here.
import type { FailureFacts, Rollout } from './api.ts';
import type { Tone } from './check/marking.ts';
import {
  formatBeside,
  formatCount,
  formatPointsChange,
  formatProbability,
  formatReadShare,
  formatShare,
  formatTime,
  formatWholeShare,
} from './numbers.ts';
import type { Strength, TestBin, Trust } from './reading.ts';

/** What the texts of the model are called: "complaint", "complaints", "a complaint". */
export interface Nouns {
  readonly one: string;
  readonly many: string;
  readonly any: string;
}

const ARTICLES: Nouns = { one: 'article', many: 'articles', any: 'an article' };
let nouns = ARTICLES;

/** Called before the views are rendered, with what the model calls its texts; undefined: not known yet. */
export function setNouns(own: Nouns | undefined): void {
  nouns = own ?? ARTICLES;
}

/** The noun with a capital, as a label. */
function capitalise(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

const countNouns = (count: number): string =>
  count === 1 ? `1 ${nouns.one}` : `${formatCount(count)} ${nouns.many}`;

const countRows = (count: number): string => (count === 1 ? '1 row' : `${formatCount(count)} rows`);

export const strings = {
  name: 'Veracity',
  skip: 'Skip to the content',
  viewsLabel: 'Views',
  views: {
    check: 'Check',
    batch: 'Batch',
    history: 'History',
    model: 'Model',
    api: 'API',
    receipt: 'Receipt',
  },
  documentTitle: (view: string) => `${view} · Veracity`,
  viewLoading: 'Loading this part of the page…',
  navigation: 'More pages',
  linkDocs: 'All routes',
  linkMetrics: 'Metrics',
  copy: 'Copy',
  copyLink: 'Copy link',
  copied: 'Copied',
  notCopied: 'Select and copy it yourself',
  unknown: 'unknown',
  untitled: '(no title)',

  keyLabel: 'This server requires an API key',
  keyUse: 'Use key',
  keyNote: 'The operator of the server can give you one. This tab keeps it until you close the tab.',

  get heading() {
    return `Check ${nouns.any}`;
  },
  get lead() {
    return `Paste ${nouns.any}. The model predicts its class, says how sure it is, and shows how far you can trust that.`;
  },
  sorts: (classNames: readonly string[]) => `It tells ${listWords(classNames)} apart, by the writing alone.`,

  syntheticLabel: 'Synthetic model',
  get syntheticNotice() {
    return `It was trained on invented ${nouns.many}, for trying out the program. Its predictions for real ones mean nothing.`;
  },

  titleLabel: 'Title',
  textLabel: 'Text',
  get titleHint() {
    return `The title of the ${nouns.one}, if it has one`;
  },
  get textHint() {
    return `The ${nouns.one}, as plain text`;
  },
  check: 'Check',
  checking: 'Checking…',
  clear: 'Clear',
  shortcut: (isMac: boolean) => (isMac ? ['⌘', 'Enter'] : ['Ctrl', 'Enter']),
  words: (count: number) => (count === 1 ? '1 word' : `${formatCount(count)} words`),
  get nothingToCheck() {
    return `Paste the text of the ${nouns.one} first.`;
  },
  slow: 'The server is slow; still waiting for its response.',
  stopWaiting: 'Stop waiting',
  get staysHere() {
    return `Your ${nouns.one} is sent to this server and nowhere else.`;
  },

  predictionHeading: 'Prediction',
  emptyTitle: 'No prediction yet',
  emptyText: (hasExamples: boolean) =>
    `The prediction appears here: the class, its probability, and how reliable that number is. Paste ${nouns.any}${hasExamples ? ', or try one of the examples below' : ''}.`,
  notSure: 'Not sure',
  strengthWord: {
    'almost certain': 'Almost certainly',
    'very likely': 'Very likely',
    likely: 'Likely',
    leaning: 'Leans towards',
  } satisfies Record<Strength, string>,
  notSureOf: (label: string) => `Not sure (${label})`,
  notSureBecause: (label: string, probability: number, threshold: number) => {
    const [shown, needed] = formatBeside(probability, threshold);
    return `It leans towards ${label} with ${shown}; it needs ${needed} to count as sure.`;
  },
  notSurePlain: (label: string, probability: number) =>
    `It leans towards ${label} with ${formatProbability(probability)}, which is too low to count as sure.`,
  probabilities: 'Probability of each class',
  threshold: (share: string) => `Below ${share} the model says “not sure”`,
  meaningHeading: 'What the number means',
  meaning: (trust: Trust) => {
    switch (trust.kind) {
      case 'unchecked':
        return `This model was not tested, so read the number as a score, not as a frequency.`;
      case 'unlike':
        return `This ${nouns.one} is unlike those that the model was tested on (see the warning above). How often it is right about such ${nouns.many} is not known.`;
      case 'few':
        return `In its test on ${countNouns(trust.of)}, ${trust.n === 0 ? 'none' : `only ${formatCount(trust.n)}`} had a probability ${formatRange(trust)}, like this one: too few to say how often it is right when it is this sure.`;
      case 'measured':
        return [
          `In its test on ${countNouns(trust.of)}, ${formatCount(trust.n)} had a probability ${formatRange(trust)}, like this one. It was right on ${formatRight(trust)}.`,
          trust.claimed === null ? '' : formatClaim(trust.claimed, trust.right / trust.n),
          `This may not hold for ${nouns.many} from other sources.`,
        ]
          .filter(Boolean)
          .join(' ');
    }
  },
  warnings: 'Warnings',
  writtenAs: (label: string) => `This example is labelled ${label}`,
  writtenAsRight: 'the model agrees.',
  writtenAsWrong: 'the model is wrong here.',
  writtenAsUnsure: 'the model is not sure.',
  get stale() {
    return `You have changed the ${nouns.one} since. Check it again.`;
  },
  factModel: 'Model',
  factData: 'Trained on',
  factRequest: 'Request',
  factAnswer: 'Receipt',
  factTime: (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
  limitsLink: 'What the model can’t do',
  announcePrediction: (words: string, probability: number) =>
    `Prediction: ${words}, ${formatProbability(probability)}.`,
  announceNotSure: (because: string) => `Prediction: not sure. ${because}`,

  get ownFigure() {
    return `On its own test ${nouns.many}`;
  },
  otherFigure: 'On other sources',
  right: 'right',
  ownMissing: 'Not measured',
  ownMissingNote: 'This model was not evaluated.',
  otherMissing: 'Not measured',
  get otherMissingNote() {
    return `Expect a clearly lower accuracy than on its own ${nouns.many}.`;
  },
  figureNote: (n: number, [low, high]: readonly [number, number]) =>
    `of ${formatCount(n)} ${nouns.many}; likely between ${formatShare(low)} and ${formatShare(high)}`,
  get invented() {
    return `invented ${nouns.many}`;
  },

  examplesHeading: 'Examples',
  examplesLead: (synthetic: boolean) =>
    synthetic
      ? 'Invented for this program: the places, people and outlets do not exist. Choose one to see its prediction.'
      : `From the ${nouns.many} that the model was checked with, not from those that it learned from. Choose one to see its prediction.`,
  examplesOf: (label: string) => `Labelled ${label}`,
  examplesLoading: 'Loading the examples…',

  inquiryHeading: 'Question the prediction',
  evidenceHeading: 'What influenced it',
  evidenceLead:
    'The server leaves out each sentence and each word in turn and measures how much the probability changes. This takes longer than a prediction.',
  evidenceAsk: 'Show the evidence',
  evidenceAsking: 'Looking for what influenced it…',
  evidenceNote: (label: string, probability: number) =>
    `For the whole ${nouns.one}, ${label} has ${formatProbability(probability)}. This shows what the model relies on, not what is true.`,
  without: (label: string, probability: string, change: string) =>
    `without it, ${label} has ${probability} (${change})`,
  wordsTried: (tried: number, total: number) =>
    `Of ${formatCount(total)} words, the ${formatCount(tried)} in the most influential sentences were removed one by one.`,
  gradientRounded:
    'Computed from gradients of the model’s 8-bit weights. Predictions round a little more, so these shares are close, but not exact.',
  levelLegend: 'Mark',
  levels: { sentences: 'Sentences', words: 'Words' },
  get markedLabel() {
    return `The ${nouns.one} with the influential passages marked`;
  },
  legendLabel: 'What the marks mean',
  legendSample: 'like this',
  legend: (tone: Tone, strong: boolean, label: string) =>
    `${strong ? 'strongly' : 'somewhat'} ${tone === 'for' ? 'for' : 'against'} ${label}`,
  legendScale: (marked: number, strong: number) =>
    `A passage is marked if leaving it out changes the probability by ${nameSharePoints(marked)} or more; from ${nameSharePoints(strong)} it counts as strong.`,
  legendUnread: 'not read: removed by cleaning, or beyond the model’s maximum length',
  readShare: (share: string) =>
    `The model read ${share} of it. What it did not read is struck through and folded up below.`,
  unreadMore: (count: number) => `Show ${formatCount(count)} more characters that were not read`,
  unreadLess: 'Fold up what was not read',
  rankedHeading: 'What influenced it most',
  rankedNone: (marked: number) =>
    `No single passage changes the probability by ${nameSharePoints(marked)}: the prediction rests on the ${nouns.one} as a whole.`,
  smallChange: (change: number) => {
    const points = Math.abs(change) * 100;
    return points < 0.1 ? 'less than 0.1 points' : `${points.toFixed(1)} points`;
  },
  rankedStrongest: (passage: string, change: string) =>
    `The most influential one, “${passage}”, changes it by ${change}.`,
  get similarHeading() {
    return `The most similar training ${nouns.many}`;
  },
  get similarNoIndex() {
    return `This model version has no index of its training ${nouns.many}.`;
  },
  get similarNone() {
    return `No training ${nouns.one} is similar to this one.`;
  },
  labelled: (label: string) => `labelled ${label}`,
  similarity: (similarity: number) => `${Math.round(similarity * 100)}% alike`,

  alternativesHeading: 'What if it were shorter?',
  get alternativesLead() {
    return `Checks the ${nouns.one} again without one of its parts. If the prediction changes, the model relies on that part.`;
  },
  get alternativeFirst() {
    return `The whole ${nouns.one}`;
  },
  alternatives: { dateline: 'Without the dateline', title: 'Title only', text: 'Text only' },
  alternativeMissing: {
    dateline: 'The text begins without a dateline.',
    title: 'This needs a title and a text.',
    text: 'This needs a title and a text.',
  },
  alternativeTooShort: 'Too few words are left to predict anything from.',
  quoted: (text: string) => `“${text}”`,
  chanceOf: (label: string, probability: string) => `${label} ${probability}`,
  pointsChange: (from: number, to: number) => {
    const points = formatPointsChange(from, to);
    if (points === '0') return 'about the same';
    if (points === '<1') return 'less than 1 point of change';
    return /^.1$/.test(points) ? `${points} point` : `${points} points`;
  },

  feedbackHeading: 'Is this prediction right?',
  feedbackRight: 'It is right',
  feedbackWrong: 'It is wrong',
  feedbackClass: 'What is the right class?',
  feedbackClassOpen: 'I don’t know',
  feedbackComment: 'Comment (optional)',
  feedbackAdd: 'Send',
  feedbackSent: 'Thank you. Your feedback goes to the people who maintain the model.',
  feedbackNotKept:
    'The server kept no receipt of this prediction. Feedback needs a receipt, so you can’t give any here.',

  batchHeading: 'Check a file',
  get batchLead() {
    return `A CSV or JSON Lines file of ${nouns.many}, predicted row by row. It can be as long as you like.`;
  },
  batchFile: 'The file',
  batchDrop: 'Drop a file here, or choose one',
  batchAnother: 'Another file',
  batchColumns: (columns: readonly string[]) =>
    `Expected columns: ${listWords(columns)}. If yours are called something else, you can choose them. The file is sent to this server and nowhere else.`,
  batchNoFile: 'No file at hand?',
  batchTryExamples: (count: number) => `Check the ${formatCount(count)} examples`,
  batchExamplesName: 'examples.jsonl',
  batchResultsName: 'predictions',
  batchProgressLabel: 'How much of the file is done',
  batchProgress: (rows: number, rate: string | null, left: string | null) =>
    [countRows(rows), rate === null ? '' : `${rate} a second`, left === null ? '' : `about ${left} left`]
      .filter(Boolean)
      .join(', '),
  batchWaiting: (seconds: number) => `The server is busy. Next attempt in ${nameSeconds(seconds)}.`,
  batchDone: (rows: number, time: string) => `Done: ${countRows(rows)} in ${time}.`,
  batchReads: ({ title, text }: { readonly title: string | null; readonly text: string | null }) =>
    `Reads ${listWords([
      ...(title === null ? [] : [`the title from “${title}”`]),
      ...(text === null ? [] : [`the text from “${text}”`]),
    ])}.`,
  batchChangeColumns: 'Change columns',
  get pickHeading() {
    return `Which columns hold the ${nouns.many}?`;
  },
  pickExpected: (title: string | null, text: string | null) => {
    const own = [
      ...(title === null ? [] : [`“${title}” (title)`]),
      ...(text === null ? [] : [`“${text}” (text)`]),
    ];
    return own.length === 0
      ? 'A title or a text is enough.'
      : own.length === 1
        ? `The model was trained on the column ${own[0]}.`
        : `The model was trained on the columns ${listWords(own)}. A title or a text is enough.`;
  },
  pickGot: (names: readonly string[]) =>
    `This file has: ${names.map((name) => name.slice(0, 60)).join(', ')}.`,
  get pickNoHeader() {
    return `The first line of this file looks like ${nouns.any}. If it is one, add a line with the names of the columns before it, or the first ${nouns.one} is lost.`;
  },
  pickRoles: { title: 'Title', text: 'Text', id: 'Id, if there is one' },
  pickNoColumn: 'none',
  pickUnnamed: (position: number) => `column ${position}`,
  pickEmpty: 'empty in the first rows',
  pickNone: (roles: readonly string[]) =>
    roles.includes('title') && roles.includes('text')
      ? 'Choose a column for the title, for the text, or for both.'
      : `Choose the column that holds the ${roles.includes('title') ? 'title' : 'text'}.`,
  pickTwice: 'Title and text need two different columns.',
  pickStart: 'Check the file',
  pickCancel: 'Cancel',
  pickOthers: 'All other columns are kept and saved beside the predictions.',
  batchStopped: (rows: number) => `Stopped after ${countRows(rows)}.`,
  batchStop: 'Stop',
  batchSave: 'Save as CSV',
  batchClear: 'Clear',
  resultsHeading: 'Results',
  get columns() {
    return {
      line: 'Line',
      title: capitalise(nouns.one),
      prediction: 'Prediction',
      probability: 'Probability',
    };
  },
  kindLegend: 'Which rows are shown',
  kindAll: 'All',
  kindRejected: 'Rejected',
  rowWarnings: (count: number) => (count === 1 ? '1 warning' : `${count} warnings`),
  rowRejected: (reason: string) => `Rejected: ${reason.replace(/^upload:[\d–-]+: /, '')}`,
  pagerLabel: 'Pages of results',
  pagerPlace: (page: number, pages: number) => `Page ${formatCount(page)} of ${formatCount(pages)}`,
  pagerBack: 'Back',
  pagerOn: 'Next',

  historyHeading: 'History',
  get historyLead() {
    return `${capitalise(nouns.many)} that you checked in this browser.`;
  },
  historyKeep: 'Keep a history in this browser',
  historyWhat: (max: number) =>
    `This browser stores the last ${max} ${nouns.many} that you checked, with their predictions. None of this is sent anywhere, but anyone who uses this browser can read it.`,
  historyClear: 'Delete all',
  historyCount: countNouns,
  get historyEmpty() {
    return `Nothing yet. The ${nouns.many} that you check appear here.`;
  },
  get historyOff() {
    return `The history is off: no ${nouns.many} are kept.`;
  },
  historyOpen: 'Open',
  historyForget: 'Delete',
  receiptLink: 'receipt',

  receiptHeading: 'Receipt of a prediction',
  receiptLead:
    'Which model predicted what, and when. Anyone with this link and access to the server can read it.',
  receiptLoading: 'Loading the receipt…',
  receiptTime: 'Predicted',
  receiptConfiguration: 'Configuration',
  get receiptContent() {
    return `Hash of the ${nouns.one}`;
  },
  receiptRead: 'Length',
  receiptTokens: (read: number, whole: number | null, truncated: boolean) => {
    if (!truncated) return `${formatCount(read)} tokens`;
    const of = whole === null ? '' : ` of ${formatCount(whole)}`;
    const share = whole === null ? '' : ` (${formatReadShare(read, whole)})`;
    return `${formatCount(read)}${of} tokens${share}, cut at the model’s maximum length`;
  },
  get receiptNoArticle() {
    return `The server stores only the hash of the ${nouns.one}, not the ${nouns.one} itself. Anyone who has it can compare its hash.`;
  },
  get receiptArticle() {
    return `This server stores ${nouns.many}, so the receipt includes this one.`;
  },
  get receiptOpen() {
    return `Open the ${nouns.one}`;
  },

  apiHeading: 'Use the API',
  apiLead: 'The same prediction over HTTP. Your program can do everything that this page does.',
  get apiForDraft() {
    return `For the current ${nouns.one}:`;
  },
  get apiForExample() {
    return `For an example, because you have not pasted ${nouns.any}:`;
  },
  apiPlaceholder: (hasTitle: boolean) => ({
    title: hasTitle ? 'A title' : '',
    text: `The text of the ${nouns.one}.`,
  }),
  apiCurl: 'On the command line',
  apiCurlNote: 'For a POSIX shell, with curl.',
  apiTypeScript: 'In TypeScript',
  apiTypeScriptNote: 'The typed client has no dependencies and runs in browsers and in Node.',
  apiAnswer: 'The last response',
  apiAnswerNote: 'The prediction on the Check page, as the server sent it.',
  apiMore: 'More',
  apiDocs: 'All routes, with a form to try each',
  apiDocument: 'The OpenAPI document',
  apiMetrics: 'Metrics for Prometheus',

  modelLead: (classNames: readonly string[]) =>
    `A model that tells ${listWords(classNames)} apart by the writing: how accurate it is, how reliable its probabilities are, and what it can’t do.`,
  modelMore: 'More about this model',
  figuresHeading: 'How often it is right',
  get figuresLead() {
    return `Only the second figure tells you about ${nouns.many} from other sources.`;
  },
  reliabilityHeading: 'How reliable its probabilities are',
  reliabilityLead:
    'If they are reliable, 80% of the predictions with a probability of 80% are right, and the dots lie on the dashed line.',
  reliabilityLabel: (bins: number) =>
    `Reliability diagram with ${bins} dots: predicted probability against share of right predictions. The table below has the numbers.`,
  reliabilitySaid: 'How sure it was',
  reliabilityTrue: 'How often it was right',
  get reliabilityCaption() {
    return `Above the dashed line the model is right more often than its probability says, below it less often. A larger dot stands for more ${nouns.many}.`;
  },
  reliabilityTable: 'As a table',
  get articles() {
    return capitalise(nouns.many);
  },
  articleCount: countNouns,
  calibrationErrorName: 'Average error of the probability',
  points: (share: number) => formatPoints(share),
  answeredName: '“Not sure”',
  answered: (answered: number, accuracy: number | null) =>
    `it is sure about ${formatShare(answered)} of the ${nouns.many}${accuracy === null ? '' : ` and right on ${formatShare(accuracy)} of those`}`,
  neverUnsure: 'this model names a class for every text; it never says “not sure”',
  className: 'Class',
  precision: 'Precision',
  recall: 'Recall',
  perClassNote: (label: string) =>
    `Precision: of the ${nouns.many} it called ${label}, the share that are. Recall: of the ${nouns.many} that are ${label}, the share it called so. The same holds for the other classes.`,
  rolloutHeading: 'Which versions are served',
  rolloutLead: 'As of the moment when you opened this view.',
  rolloutLive: 'Live version',
  rolloutCanary: 'Canary',
  rolloutShadow: 'Shadow',
  rolloutChange: 'Last change',
  rolloutStates: {
    answers: 'serving',
    running: 'running',
    loading: 'loading',
    returned: 'withdrawn',
    failed: 'failed its checks',
    switched: 'completed',
  },
  liveTold: (canaryShare: number) =>
    canaryShare === 0
      ? 'It serves all clients.'
      : `It serves all clients except the ${formatWholeShare(canaryShare)} of the canary.`,
  canaryTold: ({ state, share, at, reason, code }: NonNullable<Rollout['canary']>) =>
    ({
      loading: `It will serve ${formatWholeShare(share)} of the clients.`,
      running: `It has served ${formatWholeShare(share)} of the clients, always the same ones, since ${formatTime(at)}.`,
      returned: `It served ${formatWholeShare(share)} of the clients until ${formatTime(at)}, when ${
        reason === 'latency' ? 'it was far slower than the live version' : 'too many of its requests failed'
      }. It is not tried again until an operator requests it.`,
      failed: `It failed its checks at ${formatTime(at)}${code === null ? '' : ` (${code})`} and serves no clients.`,
    })[state],
  shadowTold: ({ state, at, compared, disagreed, code }: NonNullable<Rollout['shadow']>) =>
    ({
      loading: `It will predict the same ${nouns.many}; its predictions are compared but not sent to clients.`,
      running: `It predicts the same ${nouns.many}; its predictions are compared but not sent to clients: ${
        compared === 0 ? 'none so far' : `${formatCount(disagreed)} of ${formatCount(compared)} differ`
      }, since ${formatTime(at)}.`,
      failed: `It failed its checks at ${formatTime(at)}${code === null ? '' : ` (${code})`} and predicts nothing.`,
    })[state],
  changeTold: ({ outcome, at, code }: NonNullable<Rollout['change']>) =>
    ({
      loading: 'It becomes the live version as soon as it has passed its checks.',
      switched: `It became the live version at ${formatTime(at)}.`,
      failed: `It failed its checks at ${formatTime(at)}${code === null ? '' : ` (${code})`}; the previous version stays live.`,
    })[outcome],
  versionsHeading: 'Versions',
  stage: 'Stage',
  noStage: 'none',
  registered: 'Registered',
  answersNow: 'live',

  modelHeading: 'The model and its limits',
  modelLoading: 'Loading the facts about the model…',
  limitsHeading: 'Limits',
  detailsHeading: 'Where it comes from',
  detailVersion: 'Model version',
  detailKind: 'Kind',
  detailKindValue: (kind: string, parameters: string) => `${kind}, ${parameters} parameters`,
  detailData: 'Dataset',
  detailDataVersion: 'Dataset version',
  detailRun: 'Run',
  detailMade: 'Trained',
  detailCalibration: 'Calibration',
  calibrated: (temperature: number) => `with temperature ${temperature.toFixed(2)}`,
  notCalibrated: 'none',
  calibrationError: (ece: number) =>
    `on its test ${nouns.many} the probabilities are off by ${formatPoints(ece)} on average`,

  footer: 'A prediction is a hint for the person who decides. It can be wrong, and it proves nothing.',
  tryAgain: 'Try again',
  requestId: (id: string) => `Request ${id}`,
};

export interface FailureWords {
  readonly title: string;
  readonly advice: string;
}

// Words for the failures that people usually meet; for every other code the page shows the server's own message.
const FAILURES: Readonly<Record<string, (facts: FailureFacts) => FailureWords>> = {
  UNREACHABLE: () => ({
    title: 'The server does not respond',
    advice: `It may be stopped or restarting, or the network is down. Your ${nouns.one} is still here.`,
  }),
  TIMED_OUT: () => ({
    title: 'The server took too long',
    advice: `There was no response within half a minute. Your ${nouns.one} is still here: try again, or try a shorter one.`,
  }),
  UNEXPECTED_ANSWER: () => ({
    title: 'Unexpected response',
    advice: 'The response is not from this server. A proxy between you and the server may have sent it.',
  }),
  REQUEST_TOO_LARGE: () => ({
    title: `This ${nouns.one} is too long`,
    advice: `The server does not accept this much text. Paste less of it: of a long ${nouns.one} the model reads only a part anyway.`,
  }),
  REQUEST_INVALID: () => ({ title: 'There is nothing to check', advice: strings.nothingToCheck }),
  ARTICLE_TEXT_MISSING: ({ detail }) => ({
    title: `Paste the ${nouns.one}’s text`,
    advice: detail?.includes('address')
      ? 'This is only an address, and the model opens none. Copy the text itself and paste it here.'
      : 'There are too few words to predict anything from. Copy the whole text and paste it here.',
  }),
  SERVER_BUSY: formatBusy,
  QUEUE_FULL: formatBusy,
  RATE_LIMITED: ({ retryAfterSeconds = 60 }) => ({
    title: 'Too many requests',
    advice: `You have reached the request limit of this server. Try again in ${nameSeconds(retryAfterSeconds)}.`,
  }),
  KEY_REQUIRED: () => ({
    title: 'An API key is required',
    advice: 'This server requires an API key. Enter yours in the field at the top.',
  }),
  KEY_SCOPE: () => ({
    title: 'Your key does not allow this',
    advice: 'It is valid, but not for this action. Ask the operator of the server.',
  }),
  EXPLANATION_UNAVAILABLE: ({ detail, hint }) => ({
    title: 'There is no evidence to show',
    advice: [detail, hint].filter(Boolean).join(' '),
  }),
  PREDICTION_NOT_FOUND: () => ({
    title: 'There is no receipt here',
    advice: 'The link may be incomplete, the server may have deleted the receipt, or it stores none.',
  }),
  BROKEN_OFF: ({ detail, hint }) => ({
    title: 'The connection was lost',
    advice: `The predictions so far are below. ${[detail, hint].filter(Boolean).join(' ')}`.trim(),
  }),
  FILE_NOT_UTF8: () => ({
    title: 'This file is not UTF-8',
    advice: 'Save it as CSV with the encoding UTF-8, then choose it again.',
  }),
  DATA_FILE_INVALID: ({ detail, hint }) => ({
    title: 'This file cannot be read',
    advice: [detail, hint]
      .filter(Boolean)
      .join(' ')
      .replace(/^upload: /, ''),
  }),
  FILE_JSON_LIST: () => ({
    title: 'This file is one JSON list',
    advice: 'Save it as JSON Lines: one object on each line, without brackets and commas around them.',
  }),
  FILE_WITHOUT_ROWS: ({ detail }) => ({
    title: 'This file has no rows',
    advice: detail
      ? `It has only one line, with the columns ${detail}. Each line after it should hold ${nouns.any}.`
      : `It is empty. Its first line should name the columns, and each line after it should hold ${nouns.any}.`,
  }),
  FILE_WITHOUT_ARTICLES: () => ({
    title: `No row of this file holds ${nouns.any}`,
    advice: `The reasons are in the table. If the ${nouns.many} are in other columns, change the columns above.`,
  }),
  SERVER_STOPPING: () => ({
    title: 'The server is shutting down',
    advice: `It accepts no more ${nouns.many}. Try again after its restart.`,
  }),
  MODEL_FAILED: () => ({
    title: 'The model is not ready',
    advice:
      'The server runs, but its model does not respond. Its operator should restart it; the log has the reason.',
  }),
  INTERNAL_BUG: () => ({
    title: 'Internal error of the server',
    advice: `Your ${nouns.one} is not the cause. Try again, and report the error with the request number below.`,
  }),
};

function formatBusy({ retryAfterSeconds = 1 }: FailureFacts): FailureWords {
  return {
    title: 'The server is busy',
    advice: `Too many ${nouns.many} are waiting. Try again in ${nameSeconds(retryAfterSeconds)}.`,
  };
}

function nameSeconds(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}

/** Puts a failure into words: what happened and what to do. */
export function formatFailure(facts: FailureFacts): FailureWords {
  const known = FAILURES[facts.code];
  if (known !== undefined) return known(facts);
  return {
    title: 'The server refused this',
    advice: [facts.detail, facts.hint].filter(Boolean).join(' ') || facts.code,
  };
}

/** Joins words: `A and B`, `A, B and C`. */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The range of a bin: `between 80% and 87%`. */
function formatRange({ low, high }: TestBin): string {
  return `between ${Math.round(low * 100)}% and ${Math.round(high * 100)}%`;
}

/** `45 of them (90%; likely between 79% and 96%)` */
function formatRight({ right, n, interval: [low, high] }: Extract<Trust, { kind: 'measured' }>): string {
  const likely = `likely between ${Math.round(low * 100)}% and ${Math.round(high * 100)}%`;
  if (right === n) return `all of them (${likely})`;
  return `${formatCount(right)} of them (${Math.round((right / n) * 100)}%; ${likely})`;
}

/** Says that the probabilities of a bin are clearly too high or too low. */
function formatClaim(claimed: number, right: number): string {
  const [sure, was] = [claimed, right].map((share) => `${Math.round(share * 100)}%`);
  return claimed > right
    ? `It is too sure of itself there: its probability is ${sure} on average, and it is right on ${was}.`
    : `It is better than it says there: its probability is ${sure} on average, and it is right on ${was}.`;
}

function nameSharePoints(share: number): string {
  const points = Math.round(share * 100);
  return points === 1 ? '1 point' : `${points} points`;
}

function countPoints(share: number): number {
  return Math.max(1, Math.round(share * 100));
}

function formatPoints(share: number): string {
  const points = countPoints(share);
  return points === 1 ? '1 point' : `${points} points`;
}
