// The frame of the page: shows the current view and holds what the views share: the facts about the model, the examples,
// the current article.
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { type Address, useAddress } from './address.ts';
import { type Example, loadExamples, loadModelFacts, type ModelFacts } from './api.ts';
import { CheckView } from './check/check-view.tsx';
import { type Checking, useChecking } from './check/checking.ts';
import { KeyNotice } from './key-notice.tsx';
import { LazyView } from './lazy-view.tsx';
import { type Loadable, useLoaded } from './loading.ts';
import { PageFooter, PageHeader } from './page-frame.tsx';
import { setNouns, strings } from './strings.ts';

/** The properties that every view receives. */
export interface ViewProps {
  readonly facts: Loadable<ModelFacts>;
  readonly examples: Loadable<readonly Example[]>;
  readonly checking: Checking;
  /** Requests the facts about the model and the examples again. */
  readonly onRetry: () => void;
}

const loadBatch = () => import('./batch/batch-view.tsx').then((module) => module.BatchView);
const loadHistory = () => import('./history/history-view.tsx').then((module) => module.HistoryView);
const loadModel = () => import('./model/model-view.tsx').then((module) => module.ModelView);
const loadApi = () => import('./api/api-view.tsx').then((module) => module.ApiView);
const loadReceipt = () => import('./receipt/receipt-view.tsx').then((module) => module.ReceiptView);

const loadStudio = () => import('./studio/studio-view.tsx').then((module) => module.StudioView);

/** The page: the views around a model, or the studio, which needs none. */
export function App() {
  const address = useAddress();
  return address.view === 'studio' ? (
    <LazyView load={loadStudio} props={{ path: address.path }} />
  ) : (
    <Checker address={address} />
  );
}

type CheckerAddress = Exclude<Address, { readonly view: 'studio' }>;

function Checker({ address }: { readonly address: CheckerAddress }) {
  const [facts, askFacts] = useLoaded(loadModelFacts);
  const [examples, askExamples] = useLoaded(loadExamples);
  const checking = useChecking((prediction) => {
    // The server may have been down when the page opened, or may serve another model now.
    if (facts.state !== 'loaded' || facts.value.modelVersion !== prediction.modelVersion) askFacts();
    if (examples.state === 'failed') askExamples();
  });
  const askAll = useCallback(() => {
    askFacts();
    askExamples();
  }, [askFacts, askExamples]);
  setNouns(facts.state === 'loaded' ? facts.value.noun : undefined);
  const main = useArrival(address);
  useEffect(() => {
    // `veracity studio` serves no model: there is nothing to check with
    if (facts.state === 'failed' && facts.failure.code === 'ROUTE_NOT_FOUND') location.replace('#/studio');
  }, [facts]);
  const props: ViewProps = { facts, examples, checking, onRetry: askAll };
  return (
    <>
      <PageHeader view={address.view} onSkip={() => main.current?.focus()} />
      <main ref={main} tabIndex={-1}>
        {facts.state === 'failed' && <KeyNotice failure={facts.failure} onKey={askAll} />}
        <CurrentView address={address} props={props} />
      </main>
      <PageFooter />
    </>
  );
}

function CurrentView({ address, props }: { readonly address: CheckerAddress; readonly props: ViewProps }) {
  switch (address.view) {
    case 'check':
      return <CheckView {...props} />;
    case 'batch':
      return <LazyView key="batch" load={loadBatch} props={props} />;
    case 'history':
      return <LazyView key="history" load={loadHistory} props={props} />;
    case 'model':
      return <LazyView key="model" load={loadModel} props={props} />;
    case 'api':
      return <LazyView key="api" load={loadApi} props={props} />;
    case 'receipt':
      return <LazyView key="receipt" load={loadReceipt} props={{ ...props, id: address.id }} />;
  }
}

/** Scrolls to the top of a new view and focuses it, so that screen readers and keyboards start there. */
function useArrival(address: CheckerAddress) {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = strings.documentTitle(strings.views[address.view]);
    if (!first.current) {
      scrollTo({ top: 0, behavior: 'instant' });
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [address]);
  return main;
}
