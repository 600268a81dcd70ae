// Every English sentence of the page. Class names come from the server and are only ever put into places here.
import type { FailureFacts, Rollout } from './api.ts';
import type { Tone } from './judge/marking.ts';
import {
  formatCount,
  formatPointsChange,
  formatProbability,
  formatShare,
  formatTime,
  formatWholeShare,
} from './numbers.ts';
import type { Strength, Trust } from './reading.ts';

export const strings = {
  name: 'Veracity',
  skip: 'Skip to the content',
  viewsLabel: 'Views',
  views: {
    judge: 'Judge',
    batch: 'Batch',
    history: 'History',
    model: 'Model',
    api: 'API',
    receipt: 'Receipt',
  },
  documentTitle: (view: string) => `${view} · Veracity`,
  viewLoading: 'Fetching this part of the page…',
  navigation: 'Elsewhere',
  linkDocs: 'All routes',
  linkMetrics: 'Metrics',
  copy: 'Copy',
  copyLink: 'Copy link',
  copied: 'Copied',
  notCopied: 'Select and copy it yourself',
  unknown: 'unknown',
  untitled: '(no title)',

  keyLabel: 'This server asks for a key',
  keyUse: 'Use it',
  keyNote: 'Whoever runs the server gives you one. It stays in this tab and is gone with it.',

  heading: 'Judge an article',
  lead: 'Paste an article. The model names the class it reads like, says how sure it is, and shows how far to trust that.',
  sorts: (classNames: readonly string[]) => `It tells ${listWords(classNames)} apart, by the writing alone.`,

  syntheticLabel: 'Synthetic model',
  syntheticNotice:
    'It learned from invented articles, to try the program with. What it says about real news means nothing.',

  titleLabel: 'Title',
  textLabel: 'Text',
  titleHint: 'The headline',
  textHint: 'The article, as plain text',
  judge: 'Judge',
  judging: 'Judging…',
  clear: 'Clear',
  shortcut: (isMac: boolean) => (isMac ? ['⌘', 'Enter'] : ['Ctrl', 'Enter']),
  words: (count: number) => (count === 1 ? '1 word' : `${formatCount(count)} words`),
  nothingToJudge: 'Write or paste a title or a text first.',
  slow: 'The server is slow: still waiting for its answer.',
  stopWaiting: 'Stop waiting',
  staysHere: 'What you paste goes to this server and nowhere else.',

  verdictHeading: 'Verdict',
  emptyTitle: 'No verdict yet',
  emptyText:
    'The answer appears here: the class, its probability, and what that number is worth. Paste an article, or try one of the examples below.',
  notSure: 'Not sure',
  verdictWord: {
    'almost certain': 'Almost certainly',
    'very likely': 'Very likely',
    likely: 'Likely',
    leaning: 'Leans towards',
  } satisfies Record<Strength, string>,
  notSureOf: (label: string) => `Not sure (${label})`,
  notSureBecause: (label: string, probability: number, threshold: number) =>
    `It leans towards ${label} with ${formatProbability(probability)}; an answer takes ${formatProbability(threshold)}.`,
  notSurePlain: (label: string, probability: number) =>
    `It leans towards ${label} with ${formatProbability(probability)}, which is too little for an answer.`,
  probabilities: 'Probability of each class',
  threshold: (share: number) => `Below ${formatProbability(share)} it says “not sure”`,
  meaningHeading: 'What the number means',
  meaning: (trust: Trust, label: string, probability: number) => {
    if (trust.kind === 'unchecked')
      return 'Nobody has checked this number: take it as a score, not as a frequency.';
    if (trust.kind === 'rough')
      return `On its own test articles such numbers were off by ${formatPoints(trust.offBy)} on average: take it as a rough score.`;
    return `Calibrated: of 100 articles like its own that it is this sure about, ${asFrequency(probability)} are ${label}, give or take ${countPoints(trust.offBy)}. Articles from elsewhere may be another matter.`;
  },
  mind: 'Mind',
  writtenAs: (label: string) => `This example was written as ${label}`,
  writtenAsRight: 'the model agrees.',
  writtenAsWrong: 'the model is wrong here.',
  writtenAsUnsure: 'the model keeps out of it.',
  stale: 'You have changed the article since: judge it again.',
  factModel: 'Model',
  factData: 'Learned from',
  factRequest: 'Request',
  factAnswer: 'Answer',
  factTime: (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
  limitsLink: 'What the model can’t do',
  announceVerdict: (words: string, probability: number) =>
    `Verdict: ${words}, ${formatProbability(probability)}.`,
  announceNotSure: (because: string) => `Verdict: not sure. ${because}`,

  ownFigure: 'On its own test articles',
  otherFigure: 'On other sources',
  right: 'right',
  ownMissing: 'Not measured',
  ownMissingNote: 'This model was not evaluated.',
  otherMissing: 'Not measured',
  otherMissingNote: 'Expect it to do clearly worse than on its own.',
  figureNote: (n: number, [low, high]: readonly [number, number]) =>
    `of ${formatCount(n)} articles; likely between ${formatShare(low)} and ${formatShare(high)}`,
  invented: 'invented articles',

  examplesHeading: 'Examples',
  examplesLead:
    'Invented for this program: places, people and outlets do not exist. Choose one to see it judged.',
  examplesOf: (label: string) => `Written as ${label}`,
  examplesLoading: 'Fetching the examples…',
  examplesNone: 'This server offers no examples.',

  inquiryHeading: 'Question the answer',
  evidenceHeading: 'What moved it',
  evidenceLead:
    'The server takes out each sentence and each word in turn and looks how far the probability moves. That takes longer than a verdict.',
  evidenceAsk: 'Show the evidence',
  evidenceAsking: 'Looking for what moved it…',
  evidenceNote: (label: string, probability: number) =>
    `As it stands, ${label} has ${formatProbability(probability)}. This shows what the model leans on, not what is true.`,
  without: (label: string, probability: string) => `without it, ${label} has ${probability}`,
  wordsTried: (tried: number, total: number) =>
    `Of ${formatCount(total)} words, the ${formatCount(tried)} in the sentences that matter most were taken out one by one.`,
  gradientRounded:
    'Shown by gradients of the model’s 8-bit numbers; in answering it rounds a little more, so these shares are nearly, not exactly, those of its answer.',
  levelLegend: 'What is marked',
  levels: { sentences: 'Sentences', words: 'Words' },
  markedLabel: 'The article with what moved the verdict marked',
  legendLabel: 'What the marks mean',
  legendSample: 'like this',
  legend: (tone: Tone, strong: boolean, label: string) =>
    `${strong ? 'strongly' : 'somewhat'} ${tone === 'for' ? 'for' : 'against'} ${label}`,
  legendUnread: 'not read: cleaned away, or behind the most it reads',
  rankedHeading: 'What moved it most',
  rankedNone: 'No single passage moves the answer: it rests on the article as a whole.',
  similarHeading: 'What it learned from that is most like this',
  similarNoIndex: 'This version of the model keeps no list of the articles it learned from.',
  similarNone: 'Nothing that it learned from is like this.',
  labelled: (label: string) => `labelled ${label}`,
  similarity: (similarity: number) => `${Math.round(similarity * 100)}% alike`,

  alternativesHeading: 'What if it were shorter?',
  alternativesLead:
    'Judges the article again without one of its parts. A verdict that turns leans on that part.',
  alternativeFirst: 'As you gave it',
  alternatives: { dateline: 'Without the dateline', title: 'Title only', text: 'Text only' },
  alternativeMissing: {
    dateline: 'The text begins without a dateline.',
    title: 'There is nothing else.',
    text: 'There is nothing else.',
  },
  quoted: (text: string) => `“${text}”`,
  chanceOf: (label: string, probability: string) => `${label} ${probability}`,
  pointsChange: (change: number) => {
    const points = formatPointsChange(change);
    if (points === '0') return 'unchanged';
    return /^.1$/.test(points) ? `${points} point` : `${points} points`;
  },

  opinionHeading: 'Is this verdict right?',
  opinionRight: 'It is right',
  opinionWrong: 'It is wrong',
  opinionClass: 'What is it then?',
  opinionClassOpen: 'I would rather not say',
  opinionComment: 'Comment (optional)',
  opinionAdd: 'Add this',
  opinionSent: 'Noted, thank you. It goes to those who look after the model.',
  opinionNotKept: 'This server keeps no answers, so it can’t take remarks on them.',

  batchHeading: 'Judge a file',
  batchLead: 'A CSV or JSON Lines file of articles, judged row by row. It can be as long as you like.',
  batchFile: 'The file',
  batchDrop: 'Drop a file here, or choose one',
  batchAnother: 'Another file',
  batchColumns:
    'Columns title and text, and id if you have one. The file goes to this server and nowhere else.',
  batchNoFile: 'No file at hand?',
  batchTryExamples: (count: number) => `Judge the ${formatCount(count)} examples`,
  batchExamplesName: 'examples.jsonl',
  batchResultsName: 'judged',
  batchProgressLabel: 'How much of the file is judged',
  batchProgress: (rows: string, rate: string | null, left: string | null) =>
    [`${rows} rows`, rate === null ? '' : `${rate} a second`, left === null ? '' : `about ${left} left`]
      .filter(Boolean)
      .join(', '),
  batchWaiting: (seconds: number) => `The server is busy: going on in ${nameSeconds(seconds)}.`,
  batchDone: (rows: string, time: string) => `Done: ${rows} rows in ${time}.`,
  batchStopped: (rows: string) => `Stopped after ${rows} rows.`,
  batchStop: 'Stop',
  batchSave: 'Save as CSV',
  batchClear: 'Clear',
  resultsHeading: 'Results',
  columns: { line: 'Line', title: 'Article', verdict: 'Verdict', probability: 'Probability' },
  kindLegend: 'Which rows are shown',
  kindAll: 'All',
  kindRejected: 'Rejected',
  rowMind: (count: number) => (count === 1 ? 'One thing to mind' : `${count} things to mind`),
  rowRejected: (reason: string) => `Rejected: ${reason.replace(/^upload:\d+: /, '')}`,
  pagerLabel: 'Pages of results',
  pagerPlace: (page: number, pages: number) => `Page ${formatCount(page)} of ${formatCount(pages)}`,
  pagerBack: 'Back',
  pagerOn: 'On',

  historyHeading: 'History',
  historyLead: 'What was judged in this browser.',
  historyKeep: 'Keep a history in this browser',
  historyWhat: (max: number) =>
    `Kept are title and text as you pasted them, the verdict and the time, of the last ${max} articles, in this browser’s storage. None of it is sent anywhere; whoever uses this browser can read it.`,
  historyClear: 'Forget everything',
  historyCount: (count: number) => (count === 1 ? '1 article' : `${count} articles`),
  historyEmpty: 'Nothing yet. What you judge appears here.',
  historyOff: 'Switched off: nothing is kept.',
  historyOpen: 'Open',
  historyForget: 'Forget',
  receiptLink: 'receipt',

  receiptHeading: 'Receipt of an answer',
  receiptLead: 'Which model said what and when. Whoever has this link and may use the server can read it.',
  receiptLoading: 'Looking for the receipt…',
  receiptTime: 'Answered',
  receiptConfiguration: 'Configuration',
  receiptContent: 'Hash of the article',
  receiptRead: 'Read',
  receiptTokens: (tokens: number, truncated: boolean) =>
    `${formatCount(tokens)} tokens${truncated ? ', cut at the most it reads' : ''}`,
  receiptNoArticle:
    'The article itself is not kept, only its hash: with the same article at hand, the two can be compared.',
  receiptArticle: 'This server keeps articles: this one lies beside the receipt.',
  receiptOpen: 'Open the article',

  apiHeading: 'Ask from a program',
  apiLead: 'The same verdict over HTTP. Whatever this page does, your program can do.',
  apiForDraft: 'For the article at hand:',
  apiForExample: 'For an example, until you have pasted an article:',
  apiPlaceholder: { title: 'A title', text: 'The text of the article.' },
  apiCurl: 'On the command line',
  apiCurlNote: 'For a POSIX shell, with curl.',
  apiTypeScript: 'In TypeScript',
  apiTypeScriptNote: 'The typed client has no dependencies and runs in browsers and in Node.',
  apiAnswer: 'What came back last',
  apiAnswerNote: 'The verdict on the Judge page, as the server sent it.',
  apiMore: 'More',
  apiDocs: 'All routes, to read and to try',
  apiDocument: 'The OpenAPI document',
  apiMetrics: 'Metrics for Prometheus',

  modelLead: (classNames: readonly string[]) =>
    `A model that tells ${listWords(classNames)} apart by the writing. How good it is, whether its numbers hold, and what it can’t do.`,
  modelMore: 'All about this model',
  figuresHeading: 'How often it is right',
  figuresLead: 'Only the second figure says something about articles from elsewhere.',
  reliabilityHeading: 'Whether its numbers hold',
  reliabilityLead:
    'Of all articles that it was, say, 80% sure about, 80% should be right: then the dots lie on the line.',
  reliabilityLabel: (bins: number) =>
    `Reliability diagram with ${bins} dots: what it said against what came true. The numbers are in the table below it.`,
  reliabilitySaid: 'How sure it was',
  reliabilityTrue: 'How often it was right',
  reliabilityCaption:
    'Above the line it is better than it says, below it worse. A larger dot stands for more articles.',
  reliabilityTable: 'As a table',
  articles: 'Articles',
  articleCount: (count: number) => (count === 1 ? '1 article' : `${formatCount(count)} articles`),
  calibrationErrorName: 'Off by, on average',
  points: (share: number) => formatPoints(share),
  answeredName: 'When it may say “not sure”',
  answered: (answered: number, accuracy: number | null) =>
    `it answers ${formatShare(answered)}${accuracy === null ? '' : `, of which ${formatShare(accuracy)} are right`}`,
  className: 'Class',
  precision: 'Precision',
  recall: 'Recall',
  perClassNote:
    'Precision: of those it called so, how many were. Recall: of those that were, how many it called so.',
  rolloutHeading: 'Which versions answer',
  rolloutLead: 'As it was when this view was opened.',
  rolloutLive: 'Main version',
  rolloutCanary: 'Tried out',
  rolloutShadow: 'Compared',
  rolloutChange: 'Last change',
  rolloutStates: {
    answers: 'answers now',
    running: 'runs',
    loading: 'is being loaded',
    returned: 'taken back',
    failed: 'not used',
    switched: 'took over',
  },
  liveTold: (canaryShare: number) =>
    canaryShare === 0
      ? 'It answers everybody who asks.'
      : `It answers everybody who asks, but for the ${formatWholeShare(canaryShare)} below.`,
  canaryTold: ({ state, share, at, reason, code }: NonNullable<Rollout['canary']>) =>
    ({
      loading: `It is to answer ${formatWholeShare(share)} of those who ask.`,
      running: `It answers ${formatWholeShare(share)} of those who ask, the same ones each time, since ${formatTime(at)}.`,
      returned: `It answered ${formatWholeShare(share)} of those who ask until ${formatTime(at)}, when ${
        reason === 'latency' ? 'it was far slower than the main version' : 'too many of its requests failed'
      }. It stays away until an operator wants it tried again.`,
      failed: `It failed its checks at ${formatTime(at)}${code === null ? '' : ` (${code})`} and answers nobody.`,
    })[state],
  shadowTold: ({ state, at, compared, disagreed, code }: NonNullable<Rollout['shadow']>) =>
    ({
      loading: 'It is to judge the same articles, seen by nobody.',
      running: `It judges the same articles, seen by nobody: ${
        compared === 0
          ? 'nothing so far'
          : `another verdict on ${formatCount(disagreed)} of ${formatCount(compared)}`
      }, since ${formatTime(at)}.`,
      failed: `It failed its checks at ${formatTime(at)}${code === null ? '' : ` (${code})`} and judges nothing.`,
    })[state],
  changeTold: ({ outcome, at, code }: NonNullable<Rollout['change']>) =>
    ({
      loading: 'It takes over as soon as it has passed its checks.',
      switched: `At ${formatTime(at)}.`,
      failed: `It was to take over at ${formatTime(at)} but failed its checks${code === null ? '' : ` (${code})`}: the version before answers on.`,
    })[outcome],
  versionsHeading: 'Versions',
  stage: 'Stage',
  noStage: 'none',
  registered: 'Registered',
  answersNow: 'answers now',

  modelHeading: 'The model and its limits',
  modelLoading: 'Asking the server which model it runs…',
  limitsHeading: 'Limits',
  detailsHeading: 'Where it comes from',
  detailVersion: 'Model version',
  detailKind: 'Kind',
  detailKindValue: (kind: string, parameters: string) => `${kind}, ${parameters} parameters`,
  detailData: 'Data',
  detailDataVersion: 'Data version',
  detailRun: 'Run',
  detailMade: 'Trained',
  detailCalibration: 'Calibration',
  calibrated: (temperature: number) => `temperature ${temperature.toFixed(2)}`,
  notCalibrated: 'none',
  calibrationError: (ece: number) => `off by ${formatPoints(ece)} on its test articles`,

  footer: 'A verdict is a hint for a person who checks, never a finding of fact.',
  tryAgain: 'Try again',
  requestId: (id: string) => `Request ${id}`,
};

export interface FailureWords {
  readonly title: string;
  readonly advice: string;
}

// What people meet; every other code says what the server says.
const FAILURES: Readonly<Record<string, (facts: FailureFacts) => FailureWords>> = {
  UNREACHABLE: () => ({
    title: 'The server does not answer',
    advice: 'It may be stopped or restarting, or the network is down. Your article is still here.',
  }),
  TIMED_OUT: () => ({
    title: 'The server took too long',
    advice:
      'No answer came within half a minute. Your article is still here: try again, or try a shorter one.',
  }),
  UNEXPECTED_ANSWER: () => ({
    title: 'Something else answered',
    advice: 'The answer is not one of this server’s. A proxy may stand between you and it.',
  }),
  REQUEST_TOO_LARGE: () => ({
    title: 'This article is too long',
    advice:
      'The server does not take this much at once. Shorten the text; the beginning is what counts most.',
  }),
  REQUEST_INVALID: () => ({ title: 'There is nothing to judge', advice: strings.nothingToJudge }),
  SERVER_BUSY: describeBusy,
  QUEUE_FULL: describeBusy,
  RATE_LIMITED: ({ retryAfterSeconds = 60 }) => ({
    title: 'Too many requests',
    advice: `The server has set a limit, and it is used up. Try again in ${nameSeconds(retryAfterSeconds)}.`,
  }),
  KEY_REQUIRED: () => ({
    title: 'A key is needed',
    advice: 'This server answers only who has a key. Put yours into the field at the top.',
  }),
  KEY_SCOPE: () => ({
    title: 'Your key does not allow this',
    advice: 'It is valid, but for other things. Ask whoever runs the server.',
  }),
  EXPLANATION_UNAVAILABLE: ({ detail, hint }) => ({
    title: 'There is no evidence to show',
    advice: [detail, hint].filter(Boolean).join(' '),
  }),
  PREDICTION_NOT_FOUND: () => ({
    title: 'There is no receipt here',
    advice: 'The link may be incomplete, or the server keeps receipts no longer, or not at all.',
  }),
  BROKEN_OFF: ({ detail, hint }) => ({
    title: 'It broke off',
    advice: `What was judged so far is below. ${[detail, hint].filter(Boolean).join(' ')}`.trim(),
  }),
  FILE_NOT_UTF8: () => ({
    title: 'This file is not UTF-8',
    advice: 'Save it as CSV with the encoding UTF-8, then choose it again.',
  }),
  DATA_FILE_INVALID: () => ({
    title: 'This file has no articles',
    advice: 'Its first line should name its columns, title or text among them.',
  }),
  SERVER_STOPPING: () => ({
    title: 'The server is shutting down',
    advice: 'It takes no more articles. Try again once it has been started anew.',
  }),
  MODEL_FAILED: () => ({
    title: 'The model is not ready',
    advice:
      'The server runs, but its model does not answer. Whoever runs it should restart it; its log says why.',
  }),
  INTERNAL_BUG: () => ({
    title: 'The server made a mistake',
    advice: 'It is not the fault of your article. Try again, and report it with the request number below.',
  }),
};

function describeBusy({ retryAfterSeconds = 1 }: FailureFacts): FailureWords {
  return {
    title: 'The server is busy',
    advice: `More articles are waiting than it takes at once. Try again in ${nameSeconds(retryAfterSeconds)}.`,
  };
}

function nameSeconds(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}

/** A failure in words: what happened and what to do. */
export function describeFailure(facts: FailureFacts): FailureWords {
  const known = FAILURES[facts.code];
  if (known !== undefined) return known(facts);
  return {
    title: 'The server refused this',
    advice: [facts.detail, facts.hint].filter(Boolean).join(' ') || facts.code,
  };
}

/** `A and B`, `A, B and C`. */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** About N of 100. */
function asFrequency(probability: number): string {
  return probability > 0.99 ? 'more than 99' : `about ${Math.round(probability * 100)}`;
}

function countPoints(share: number): number {
  return Math.max(1, Math.round(share * 100));
}

function formatPoints(share: number): string {
  const points = countPoints(share);
  return points === 1 ? '1 point' : `${points} points`;
}
