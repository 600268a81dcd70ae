// Writes one article of the other outlets: a house style around the steps of a plan, with neutral lines added until it has
// the usual length of the outlet.
import type { Random } from '../../../src/foundation/core/random.ts';
import { type Banks, capitalise, expand, type Facts, pick, pickWeighted } from '../grammar.ts';
import type { HouseStyle } from './house-styles.ts';
import type { Plan } from './plans.ts';
import type { Story } from './stories.ts';

export interface WriterContext {
  readonly phrases: Banks;
  readonly names: Banks;
  readonly style: HouseStyle;
  readonly random: Random;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
/** Words that stay in lower case in headline capitals. */
const smallWords = new Set('for and the a of to in on at with by'.split(' '));

/** @returns a title and a text; the same random numbers give the same */
export function writeArticle(
  story: Story,
  plan: Plan,
  context: WriterContext,
): { title: string; text: string } {
  const { phrases, style, random } = context;
  const facts = drawFacts(story, context);
  const title = expand(pick(random, story.lines[pickWeighted(random, plan.titles)]), facts, random);
  const used = new Set<string>();
  const lineFrom = (bank: string): string | undefined => {
    const all = bank === 'scene' || bank === 'fact' ? story.lines[bank] : phrases.get(bank);
    if (all === undefined) throw new Error(`no bank ${bank}`);
    const fresh = all.filter((line) => !used.has(line));
    if (fresh.length === 0) return undefined;
    const line = pick(random, fresh);
    used.add(line);
    return line;
  };

  const [least, most] = style.words;
  const target = least + random.integer(most - least);
  const steps = plan.steps.split(' ').map((step) => ({
    bank: pick(random, step.replace('!', '').split('/')),
    required: step.endsWith('!'),
  }));
  const chosen = new Set(steps.filter((step) => step.required));
  // About twenty words a line, opening and closing included.
  for (const step of random.shuffle(steps.filter(({ required }) => !required)))
    if ((chosen.size + 2) * 20 < target) chosen.add(step);
  const lines = [lineFrom(`open-${style.bank}`)];
  for (const step of steps) if (chosen.has(step)) lines.push(lineFrom(step.bank));
  for (let tries = 0; countWords(lines) < target && tries < 30; tries++) {
    const filling = lineFrom(pick(random, [`mid-${style.bank}`, 'scene', 'fact', 'talk']));
    if (filling !== undefined) lines.splice(1 + random.integer(lines.length), 0, filling);
  }
  if (random.next() < 0.6) lines.push(lineFrom(`close-${style.bank}`));
  // Filled in reading order, so that the witness is introduced at the first mention.
  const text = lines
    .filter((line) => line !== undefined)
    .map((line) => expand(line, facts, random))
    .join(' ');
  return { title: style.capitalTitles ? capitaliseWords(title) : title, text };
}

/** Estimates the number of words of templates: the first of each set of alternatives, slots as one word. */
function countWords(lines: readonly (string | undefined)[]): number {
  return lines.reduce((sum, line) => sum + (line?.replace(/\|[^{}|]*/g, '').split(' ').length ?? 0), 0);
}

/** Headline capitals: every word but small ones in the middle. */
function capitaliseWords(title: string): string {
  return title
    .split(' ')
    .map((word) => (smallWords.has(word) ? word : capitalise(word)))
    .join(' ');
}

function drawFacts(story: Story, { names, random }: WriterContext): Facts {
  const person = (): { full: string; last: string } => {
    const last = pick(random, names.get('last')!);
    return { full: `${pick(random, names.get('first')!)} ${last}`, last };
  };
  const witness = person();
  const role = pick(random, story.roles);
  let introduced = false;
  const bystander = (): string => {
    let other = person();
    while (other.last === witness.last) other = person();
    return other.full;
  };
  const percent = 10 + 5 * random.integer(15);
  const total = 20 * Math.max(2, Math.round(between(random, story.total) / 20));
  const low = between(random, story.range);
  const change = Math.max(1, Math.floor((low * (5 + random.integer(25))) / 100));
  const answered = Math.ceil((total * (55 + random.integer(30))) / 100);
  const month = months[random.integer(12)]!;
  const slots = {
    ...story.text,
    town: pick(random, names.get('town')!),
    y: bystander,
    /** Full name and role at the first mention, the last name afterwards. */
    who: () => {
      if (introduced) return witness.last;
      introduced = true;
      return `${witness.full}, ${role}`;
    },
    day: () => pick(random, days),
    month,
    total: String(total),
    percent: String(percent),
    part: String((total * percent) / 100),
    // No fewer than those who say so.
    answered: String(Math.max(answered, Math.ceil((total * percent) / 100) + 2)),
    low: String(low),
    high: String(random.next() < 0.5 ? low + change : low - change),
  };
  return { slots, numbers: {} };
}

function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + random.integer(high - low + 1);
}
