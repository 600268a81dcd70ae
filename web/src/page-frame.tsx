// The parts around the views: header, footer, and notices for the whole page.
import { type Address, formatAddress, VIEWS } from './address.ts';
import type { FailureFacts } from './api.ts';
import { formatFailure, strings } from './strings.ts';

export function PageHeader(props: {
  readonly view: Exclude<Address['view'], 'studio'>;
  readonly onSkip: () => void;
}) {
  const { view, onSkip } = props;
  return (
    <header class="masthead">
      <button type="button" class="skip" onClick={onSkip}>
        {strings.skip}
      </button>
      <p class="wordmark">{strings.name}</p>
      <nav class="views" aria-label={strings.viewsLabel}>
        {VIEWS.map((name) => (
          <a
            key={name}
            href={formatAddress({ view: name })}
            aria-current={name === view ? 'page' : undefined}
          >
            {strings.views[name]}
          </a>
        ))}
      </nav>
    </header>
  );
}

export function PageFooter() {
  return (
    <footer class="colophon">
      <p>{strings.footer}</p>
      <nav aria-label={strings.navigation}>
        <a href="docs">{strings.linkDocs}</a>
        <a href="metrics">{strings.linkMetrics}</a>
      </nav>
    </footer>
  );
}

export function SyntheticNotice() {
  return (
    <p class="notice" role="note">
      <strong>{strings.syntheticLabel}.</strong> {strings.syntheticNotice}
    </p>
  );
}

/** Failures that the same request would meet again. */
const NEEDS_OTHER_INPUT: ReadonlySet<string> = new Set([
  'ARTICLE_TEXT_MISSING',
  'REQUEST_INVALID',
  'REQUEST_TOO_LARGE',
]);

/** Says what went wrong and what to do, with a button that tries again. */
export function FailureNote(props: { readonly failure: FailureFacts; readonly onRetry: () => void }) {
  const { failure, onRetry } = props;
  const { title, advice } = formatFailure(failure);
  return (
    <>
      <p class="failure-title">
        <svg class="mark" viewBox="0 0 14 14" aria-hidden="true">
          <path d="M7 .5 14 13.5H0ZM6.2 5v4h1.6V5ZM6.2 10.2v1.6h1.6v-1.6Z" fill-rule="evenodd" />
        </svg>
        {title}
      </p>
      <p>{advice}</p>
      {!NEEDS_OTHER_INPUT.has(failure.code) && (
        <button type="button" class="quiet" onClick={onRetry}>
          {strings.tryAgain}
        </button>
      )}
      {failure.requestId !== undefined && <p class="fine">{strings.requestId(failure.requestId)}</p>}
    </>
  );
}

/** The heading of a view: its name and its purpose. */
export function ViewHeading({ heading, lead }: { readonly heading: string; readonly lead: string }) {
  return (
    <div class="intro">
      <h1>{heading}</h1>
      <p class="lead">{lead}</p>
    </div>
  );
}
