// Every English sentence of the page. Class names come from the server and are only ever put into places here.
import type { FailureFacts } from './api.ts';
import { formatCount, formatProbability, formatShare } from './numbers.ts';
import type { Strength, Trust } from './reading.ts';

export const strings = {
  name: 'Veracity',
  skipToForm: 'Skip to the article',
  navigation: 'Elsewhere',
  linkModel: 'The model',
  linkDocs: 'API',
  linkMetrics: 'Metrics',

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
  SERVER_BUSY: ({ retryAfterSeconds = 1 }) => ({
    title: 'The server is busy',
    advice: `More articles are waiting than it takes at once. Try again in ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}.`,
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
