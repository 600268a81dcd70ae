// The view of a receipt, which is opened by its link: the prediction, its time, its model and the model's dataset.
import { useCallback } from 'preact/hooks';
import { formatAddress, linkTo } from '../address.ts';
import { loadReceipt } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { ClassMark, classHue } from '../class-look.tsx';
import { CopyButton } from '../copy-button.tsx';
import { type Loadable, useLoaded } from '../loading.ts';
import { formatPredicted, formatProbability, formatTime } from '../numbers.ts';
import { FailureNote, ViewHeading } from '../page-frame.tsx';
import { strings } from '../strings.ts';

type Receipt = Awaited<ReturnType<typeof loadReceipt>>;

export function ReceiptView({ id, facts, checking }: ViewProps & { readonly id: string }) {
  const load = useCallback((signal: AbortSignal) => loadReceipt(id, signal), [id]);
  const [loaded, again] = useLoaded(load);
  const classNames = facts.state === 'loaded' ? facts.value.classNames : [];
  const threshold = facts.state === 'loaded' ? facts.value.calibration.abstainBelow : 0;
  const article = loaded.state === 'loaded' ? loaded.value.article : undefined;
  const open = (): void => {
    if (article !== undefined) checking.change(article);
    location.hash = formatAddress({ view: 'check' });
  };
  return (
    <>
      <ViewHeading heading={strings.receiptHeading} lead={strings.receiptLead} />
      <Body loaded={loaded} classNames={classNames} threshold={threshold} onRetry={again} />
      {article !== undefined && (
        <button type="button" class="quiet receipt-open" onClick={open}>
          {strings.receiptOpen}
        </button>
      )}
    </>
  );
}

function Body(props: {
  readonly loaded: Loadable<Receipt>;
  readonly classNames: readonly string[];
  /** Below it the model says "not sure". */
  readonly threshold: number;
  readonly onRetry: () => void;
}) {
  const { loaded, classNames, threshold, onRetry } = props;
  if (loaded.state === 'loading') return <p class="fine">{strings.receiptLoading}</p>;
  if (loaded.state === 'failed')
    return (
      <div class="panel" role="alert">
        <FailureNote failure={loaded.failure} onRetry={onRetry} />
      </div>
    );
  const receipt = loaded.value;
  const index = classNames.indexOf(receipt.label);
  const shares = Object.entries(receipt.probabilities).map(
    ([name, share]) =>
      `${name} ${name === receipt.label ? formatPredicted(receipt, threshold) : formatProbability(share)}`,
  );
  const rows: readonly (readonly [string, string, 'code'?])[] = [
    [strings.receiptTime, formatTime(receipt.createdAt)],
    [strings.probabilities, shares.join(', ')],
    [strings.detailVersion, receipt.modelVersion],
    [strings.detailDataVersion, receipt.datasetVersion, 'code'],
    [strings.detailRun, receipt.runId, 'code'],
    [strings.receiptConfiguration, receipt.configurationDigest ?? strings.unknown, 'code'],
    [strings.receiptContent, receipt.contentSha256, 'code'],
    [
      strings.receiptRead,
      strings.receiptTokens(receipt.tokens, receipt.measures.articleTokens, receipt.truncated),
    ],
    [strings.factRequest, `${receipt.route}, ${receipt.requestId}`, 'code'],
  ];
  return (
    <div class="panel receipt">
      <p class={`receipt-label ${receipt.abstained ? 'hue-none' : classHue(index)}`}>
        <ClassMark index={receipt.abstained ? -1 : index} />
        {receipt.abstained ? strings.notSureOf(receipt.label) : receipt.label}{' '}
        <span class="unit">{formatPredicted(receipt, threshold)}</span>
      </p>
      <p class="fine">
        <code>{receipt.id}</code>{' '}
        <CopyButton text={linkTo({ view: 'receipt', id: receipt.id })} label={strings.copyLink} />
      </p>
      {receipt.warnings.length > 0 && (
        <ul class="warnings" aria-label={strings.warnings}>
          {receipt.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <dl class="details">
        {rows.map(([name, value, code]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{code === undefined ? value : <code>{value}</code>}</dd>
          </div>
        ))}
      </dl>
      <p class="fine">{receipt.article === undefined ? strings.receiptNoArticle : strings.receiptArticle}</p>
    </div>
  );
}
