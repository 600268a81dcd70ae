// Marks the influential passages in the article as it was pasted. Each kind of mark has its own line style and sign, so
// that colour is never the only difference.
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type Evidence as EvidenceAnswer,
  explainArticle,
  type FailureFacts,
  type WarningFact,
} from '../api.ts';
import { classHue } from '../class-look.tsx';
import { asFailure } from '../loading.ts';
import { formatProbability, formatReadShare } from '../numbers.ts';
import { FailureNote } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import type { InquiryProps } from './inquiry.tsx';
import {
  cutIntoSegments,
  findStrongest,
  gradePassages,
  isByGradient,
  type Level,
  listPassages,
  MARKED_CHANGE,
  type Mark,
  type Passage,
  type RankedPassage,
  rankPassages,
  type Segment,
  STRONG_CHANGE,
  type Tone,
} from './marking.ts';
import { SimilarArticles } from './similar.tsx';

type Asked =
  | { readonly state: 'open' | 'asking' }
  | { readonly state: 'answered'; readonly evidence: EvidenceAnswer }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

const RANKED = 5;
/** Characters that are shown of a long piece that was not read. */
const UNREAD_SHOWN = 200;

export function Evidence({ article, prediction, model }: InquiryProps) {
  const [asked, setAsked] = useState<Asked>({ state: 'open' });
  const [level, setLevel] = useState<Level>('sentences');
  const controller = useRef(new AbortController());
  useEffect(() => () => controller.current.abort(), []);

  const ask = async (): Promise<void> => {
    if (asked.state === 'asking') return;
    setAsked({ state: 'asking' });
    try {
      const evidence = await explainArticle(article, controller.current.signal);
      setAsked({ state: 'answered', evidence });
    } catch (error) {
      if (!controller.current.signal.aborted) setAsked({ state: 'failed', failure: asFailure(error) });
    }
  };
  const classNames = model?.classNames ?? Object.keys(prediction.probabilities);

  return (
    <section class="evidence" aria-labelledby="evidence-heading" aria-busy={asked.state === 'asking'}>
      <h3 id="evidence-heading">{strings.evidenceHeading}</h3>
      {(asked.state === 'open' || asked.state === 'asking') && (
        <>
          <p class="evidence-lead">{strings.evidenceLead}</p>
          <button
            type="button"
            class="primary"
            aria-disabled={asked.state === 'asking'}
            onClick={() => void ask()}
          >
            {asked.state === 'asking' ? strings.evidenceAsking : strings.evidenceAsk}
          </button>
        </>
      )}
      {asked.state === 'failed' && (
        <div role="alert">
          <FailureNote failure={asked.failure} onRetry={() => void ask()} />
        </div>
      )}
      {asked.state === 'answered' && (
        <MarkedArticle
          article={article}
          evidence={asked.evidence}
          classNames={classNames}
          model={model}
          cut={prediction.warningFacts?.find(({ code }) => code === 'ARTICLE_TRUNCATED')}
          level={level}
          onLevel={setLevel}
        />
      )}
    </section>
  );
}

interface MarkedArticleProps {
  readonly article: InquiryProps['article'];
  readonly evidence: EvidenceAnswer;
  readonly classNames: readonly string[];
  readonly model: InquiryProps['model'];
  /** The warning that the article is longer than the model reads. */
  readonly cut: WarningFact | undefined;
  readonly level: Level;
  readonly onLevel: (level: Level) => void;
}

function MarkedArticle(props: MarkedArticleProps) {
  const { article, evidence, classNames, model, cut: warning, level, onLevel } = props;
  const language = model?.language ?? '';
  const { explanation, similar } = evidence;
  const { label, unread, occlusion } = explanation;
  const passages = listPassages(explanation, level, model?.calibration.temperature ?? 1);
  const grade = gradePassages(passages);
  const index = classNames.indexOf(label);
  const hues: Record<Tone, string> = {
    for: classHue(index),
    against: classHue(classNames.length === 2 ? 1 - index : -1),
  };
  const cut = (field: 'title' | 'text'): Segment[] => {
    const isOwn = (place: { readonly field: string }): boolean => place.field === field;
    return cutIntoSegments(article[field], passages.filter(isOwn), unread.filter(isOwn), grade);
  };
  return (
    <>
      <fieldset class="levels">
        <legend class="spoken">{strings.levelLegend}</legend>
        {(['sentences', 'words'] as const).map((one) => (
          <span key={one} class="level">
            <input
              id={`level-${one}`}
              type="radio"
              name="level"
              checked={level === one}
              onChange={() => onLevel(one)}
            />
            <label for={`level-${one}`}>{strings.levels[one]}</label>
          </span>
        ))}
      </fieldset>
      <Legend label={label} hues={hues} hasUnread={unread.length > 0} />
      {warning?.code === 'ARTICLE_TRUNCATED' && (
        <p class="fine">{strings.readShare(formatReadShare(warning.maxTokens, warning.articleTokens))}</p>
      )}
      <article class={`marked ${level}`} lang={language} dir="auto" aria-label={strings.markedLabel}>
        {article.title !== '' && (
          <p class="marked-title">
            <Segments segments={cut('title')} hues={hues} />
          </p>
        )}
        {article.text !== '' && (
          <p class="marked-text">
            <Segments segments={cut('text')} hues={hues} />
          </p>
        )}
      </article>
      {level === 'words' && occlusion.wordsTried > 0 && occlusion.wordsTried < occlusion.wordsTotal && (
        <p class="fine">{strings.wordsTried(occlusion.wordsTried, occlusion.wordsTotal)}</p>
      )}
      {explanation.warnings.map((warning) => (
        <p key={warning} class="fine">
          {warning}
        </p>
      ))}
      {isByGradient(explanation, level) && explanation.gradients?.weights === 'dequantised' && (
        <p class="fine">{strings.gradientRounded}</p>
      )}
      <h4>{strings.rankedHeading}</h4>
      <Ranking
        ranked={rankPassages(passages, grade, RANKED)}
        strongest={findStrongest(passages)}
        article={article}
        language={language}
        label={label}
        probability={explanation.probability}
        hues={hues}
      />
      <p class="fine">{strings.evidenceNote(label, explanation.probability)}</p>
      <SimilarArticles similar={similar} />
    </>
  );
}

function Ranking(props: {
  readonly ranked: readonly RankedPassage[];
  readonly strongest: Passage | undefined;
  readonly language: string;
  readonly article: InquiryProps['article'];
  readonly label: string;
  /** Of the label, for the whole article. */
  readonly probability: number;
  readonly hues: Record<Tone, string>;
}) {
  const { ranked, strongest, article, language, label, probability, hues } = props;
  const quote = ({ field, start, end }: Passage): string => shorten(article[field].slice(start, end));
  if (ranked.length === 0)
    return (
      <p class="fine">
        {strings.rankedNone(MARKED_CHANGE)}{' '}
        {strongest !== undefined &&
          strings.rankedStrongest(quote(strongest), strings.smallChange(strongest.influence))}
      </p>
    );
  return (
    <ol class="ranked">
      {ranked.map(({ passage, mark }) => (
        <li key={`${passage.field}${passage.start}`}>
          <span class={`points ${hues[mark.tone]}`} aria-hidden="true">
            {signOf(mark)}
          </span>
          <span class="spoken">{strings.legend(mark.tone, mark.strong, label)}:</span>
          <q lang={language} dir="auto">
            {quote(passage)}
          </q>
          {passage.probabilityWithout !== null && (
            <span class="fine">
              {strings.without(
                label,
                formatProbability(passage.probabilityWithout),
                strings.pointsChange(probability, passage.probabilityWithout),
              )}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function Legend(props: {
  readonly label: string;
  readonly hues: Record<Tone, string>;
  readonly hasUnread: boolean;
}) {
  const { label, hues, hasUnread } = props;
  return (
    <>
      <ul class="legend" aria-label={strings.legendLabel}>
        {(['for', 'against'] as const).flatMap((tone) =>
          [true, false].map((strong) => (
            <li key={`${tone}${strong}`}>
              <Marked mark={{ tone, strong }} first hue={hues[tone]} text={strings.legendSample} />{' '}
              {strings.legend(tone, strong, label)}
            </li>
          )),
        )}
        {hasUnread && (
          <li>
            <span class="unread">{strings.legendSample}</span> {strings.legendUnread}
          </li>
        )}
      </ul>
      <p class="fine">{strings.legendScale(MARKED_CHANGE, STRONG_CHANGE)}</p>
    </>
  );
}

function Segments(props: { readonly segments: readonly Segment[]; readonly hues: Record<Tone, string> }) {
  const { segments, hues } = props;
  let at = 0;
  return (
    <>
      {segments.map(({ text, mark, first }) => {
        const key = at;
        at += text.length;
        if (mark === null) return text;
        if (mark === 'unread') return <Unread key={key} text={text} />;
        return <Marked key={key} mark={mark} first={first} hue={hues[mark.tone]} text={text} />;
      })}
    </>
  );
}

/** What was not read; a long piece is folded up. */
function Unread({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const folded = text.length - UNREAD_SHOWN;
  if (folded < UNREAD_SHOWN) return <span class="unread">{text}</span>;
  return (
    <>
      <span class="unread">{isOpen ? text : `${text.slice(0, UNREAD_SHOWN).trimEnd()}…`}</span>{' '}
      <button type="button" class="small unfold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? strings.unreadLess : strings.unreadMore(folded)}
      </button>
    </>
  );
}

function Marked(props: {
  readonly mark: Mark;
  readonly first: boolean;
  readonly hue: string;
  readonly text: string;
}) {
  const { mark, first, hue, text } = props;
  return (
    <mark class={`${mark.tone} ${mark.strong ? 'strong' : 'some'} ${hue}`}>
      {first && (
        <span class="sign" aria-hidden="true">
          {signOf(mark)}
        </span>
      )}
      {text}
    </mark>
  );
}

/** One sign for a moderate influence, two for a strong one. */
function signOf({ tone, strong }: Mark): string {
  const sign = tone === 'for' ? '+' : '−';
  return strong ? sign + sign : sign;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > 160 ? `${characters.slice(0, 160).join('')}…` : text;
}
