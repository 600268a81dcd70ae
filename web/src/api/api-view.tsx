// The view "API": a curl command and a TypeScript snippet that request the prediction for the current article.
import type { Article } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { CopyButton } from '../copy-button.tsx';
import { readKey } from '../key.ts';
import { shorten } from '../numbers.ts';
import { ViewHeading } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { writeCurl, writeTypeScript } from './snippets.ts';

export function ApiView({ facts, checking, examples }: ViewProps) {
  const { draft, outcome } = checking;
  const isEmpty = draft.title.trim() === '' && draft.text.trim() === '';
  const hasTitle = facts.state !== 'loaded' || facts.value.columns?.title !== null;
  const example = examples.state === 'loaded' ? examples.value[0] : undefined;
  const article: Article = isEmpty ? (example ?? strings.apiPlaceholder(hasTitle)) : draft;
  const options = {
    url: `${location.origin}${location.pathname}`.replace(/\/[^/]*$/, ''),
    withKey: readKey() !== undefined,
  };
  const answered = outcome.kind === 'prediction' ? JSON.stringify(outcome.prediction, null, 2) : null;
  return (
    <>
      <ViewHeading heading={strings.apiHeading} lead={strings.apiLead} />
      <p class="api-article">
        {isEmpty ? strings.apiForExample : strings.apiForDraft}{' '}
        <strong>{article.title.trim() || shorten(article.text)}</strong>
      </p>
      <Snippet heading={strings.apiCurl} note={strings.apiCurlNote} code={writeCurl(article, options)} />
      <Snippet
        heading={strings.apiTypeScript}
        note={strings.apiTypeScriptNote}
        code={writeTypeScript(article, options)}
      />
      {answered !== null && (
        <Snippet heading={strings.apiAnswer} note={strings.apiAnswerNote} code={answered} />
      )}
      <h2 class="api-more">{strings.apiMore}</h2>
      <ul class="links">
        <li>
          <a href="docs">{strings.apiDocs}</a>
        </li>
        <li>
          <a href="openapi.json">{strings.apiDocument}</a>
        </li>
        <li>
          <a href="metrics">{strings.apiMetrics}</a>
        </li>
      </ul>
    </>
  );
}

function Snippet(props: { readonly heading: string; readonly note: string; readonly code: string }) {
  const { heading, note, code } = props;
  const id = heading.replace(/\W/g, '').toLowerCase();
  return (
    <div class="snippet">
      <div class="snippet-head">
        <h2 id={id}>{heading}</h2>
        <CopyButton text={code} label={strings.copy} />
      </div>
      <p class="fine">{note}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls */}
      <section aria-labelledby={id} tabIndex={0} class="code">
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </div>
  );
}
