// Writes one article from a frame and a plan. The length does not depend on the class: required sentences come first, then
// optional ones in random order until the length is reached, then neutral filling for both classes.
import type { Random } from '../../src/foundation/core/random.ts';
import type { Frame, ProseKey } from './frames.ts';
import { type Banks, expand, type Facts, pick, pickWeighted } from './grammar.ts';
import type { Plan } from './plans.ts';

export interface Draft {
  readonly title: string;
  readonly text: string;
}

interface ArticleFacts extends Facts {
  readonly place: string;
  /** True once the main witness has been named. */
  introduced: boolean;
}

export interface WriterContext {
  readonly phrases: Banks;
  readonly names: Banks;
  readonly outlet: string;
  /** The ISO date of the article; months in the text are relative to it. */
  readonly date: string;
  readonly random: Random;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const fillers = ['fact', 'neutral', 'people', 'neutral', 'fact', 'quote-neutral'];

export function writeArticle(frame: Frame, plan: Plan, context: WriterContext): Draft {
  const { random } = context;
  const facts = drawFacts(frame, plan, context);
  const used = new Set<string>();
  const lineFrom = (bank: string): string | undefined => {
    const all = isProse(bank) ? frame.prose[bank] : context.phrases.get(bank);
    if (all === undefined) throw new Error(`${plan.name}: no bank ${bank}`);
    const fresh = all.filter((line) => !used.has(line));
    if (fresh.length === 0) return undefined;
    const line = pick(random, fresh);
    used.add(line);
    return line;
  };

  const title = writeTitle(frame, plan, facts, context);
  const targetWords = 55 + Math.floor(125 * random.next() * (0.45 + 0.55 * random.next()));
  const steps = plan.steps.split(' ').map((step) => ({
    bank: pick(random, step.replace('!', '').split('/')),
    required: step.endsWith('!'),
  }));
  const lines = steps.map((step) => (step.required ? lineFrom(step.bank) : undefined));
  const words = (): number => lines.reduce((sum, line) => sum + (line === undefined ? 0 : wordsOf(line)), 0);
  for (const index of random.shuffle(steps.map((_, i) => i))) {
    if (words() >= targetWords) break;
    lines[index] ??= lineFrom(steps[index]!.bank);
  }
  for (let tries = 0; words() < targetWords && tries < 20; tries++) {
    const filling = lineFrom(pick(random, fillers));
    if (filling !== undefined) lines.splice(1 + random.integer(lines.length - 1), 0, filling);
  }
  const body = lines
    .filter((line) => line !== undefined)
    .map((line) => expand(introduceOnce(line, facts), facts, random))
    .join(' ');
  return { title, text: withWireMarks(body, facts, random) };
}

function writeTitle(frame: Frame, plan: Plan, facts: Facts, { phrases, random }: WriterContext): string {
  const kind = pickWeighted(random, plan.titles);
  const bare = expand(pick(random, frame.prose[kind === 'lively' ? 'title' : kind]), facts, random);
  // Sober titles are decorated less often, and no title gets a second colon.
  const dressed = random.next() < { title: 0.4, lively: 1, loud: 0.7, check: 0.7 }[kind];
  const dresses = phrases
    .get(`title-${kind}`)!
    .filter((dress) => !(dress.includes(':') && bare.includes(':')));
  if (!dressed || dresses.length === 0) return bare;
  return expand(pick(random, dresses), facts, random).replace('<title>', bare);
}

/** Estimates the number of words of a template: the first of each set of alternatives, slots as one word. */
function wordsOf(template: string): number {
  return template.replace(/\|[^{}|]*/g, '').split(' ').length;
}

/** Gives the main witness a full name and a role at the first mention, and only the last name afterwards. */
function introduceOnce(template: string, facts: ArticleFacts): string {
  if (!template.includes('[x]')) return template;
  const first = !facts.introduced;
  facts.introduced = true;
  return first ? template : template.replace(/\[x\], \[role\],?/g, '[xLast]').replace(/\[x\]/g, '[xLast]');
}

/** Adds datelines and credits, equally often in both classes, for the cleaning rules to remove. */
function withWireMarks(body: string, facts: ArticleFacts, random: Random): string {
  let text = body;
  if (random.next() < 0.15) text = `${facts.place.toUpperCase()} (Nordwire) - ${text}`;
  if (random.next() < 0.04) text = `${text} Featured image via Nordwire Images.`;
  return text;
}

function drawFacts(frame: Frame, plan: Plan, context: WriterContext): ArticleFacts {
  const { random, names } = context;
  const person = (): { full: string; last: string } => {
    const last = pick(random, names.get('last')!);
    return { full: `${pick(random, names.get('first')!)} ${last}`, last };
  };
  const x = person();
  const bystander = (): string => {
    let y = person();
    while (y.last === x.last) y = person();
    return y.full;
  };
  const month = Number(context.date.slice(5, 7)) - 1;
  const wrong = random.next() < plan.wrongFigures;
  const rising = random.next() < 0.5;

  const total = 20 * Math.round(between(random, frame.total) / 20);
  const percent = 5 * (2 + random.integer(17));
  const change = 2 + random.integer(Math.max(3, Math.floor(frame.before[0] * 0.6)));
  const before = between(random, frame.before);
  const place = pick(random, names.get('place')!);
  const slots = {
    subject: frame.subject,
    body: frame.body,
    people: frame.people,
    outlet: context.outlet,
    place,
    role: pick(random, frame.roles),
    x: x.full,
    xLast: x.last,
    y: bystander,
    day: () => pick(random, days),
    month: months[(month + 10 - random.integer(3)) % 12]!,
    soon: months[(month + 1 + random.integer(2)) % 12]!,
    claim: pick(random, frame.prose.claim),
    odd: pick(random, frame.prose.odd),
    plain: pick(random, frame.prose.plain),
    total: String(total),
    part: String((total * percent) / 100),
    // A wrong percentage is off by 15 to 40 points, which a reader can see but a count of words cannot.
    percent: String(
      wrong
        ? percent > 50
          ? percent - 15 - random.integer(25)
          : percent + 15 + random.integer(25)
        : percent,
    ),
    before: String(before),
    after: String(rising ? before + change : before - change),
    change: String(wrong ? change + 5 + random.integer(20) : change),
    rose: rising ? 'rose' : 'fell',
  };
  return { slots, numbers: {}, place, introduced: false };
}

function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + random.integer(high - low + 1);
}

function isProse(bank: string): bank is ProseKey {
  return bank === 'lead' || bank === 'fact' || bank === 'figure';
}
