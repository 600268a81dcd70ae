// A small MLflow server for faults that the real one does not show on demand. It keeps runs as MLflow does: a metric with
// the same key, step, time and value is kept once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubRun {
  readonly id: string;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  readonly metrics: Map<string, { readonly key: string; readonly step: number; readonly value: unknown }>;
  status: string;
  stage: 'active' | 'deleted';
}

export interface StubRequest {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly sizeBytes: number;
}

export interface MlflowStub {
  readonly url: string;
  readonly runs: Map<string, StubRun>;
  readonly requests: StubRequest[];
  readonly uploads: Map<string, string>;
  /** Answers instead of the server where it returns something; `drop` closes the connection. */
  fault: ((path: string) => { status: number; body: string } | 'drop' | null) | null;
  close(): Promise<void>;
}

type Item = { readonly key: string; readonly value: string };
type Metric = {
  readonly key: string;
  readonly step: number;
  readonly timestamp: number;
  readonly value: unknown;
};

export async function startMlflowStub(): Promise<MlflowStub> {
  const stub: Omit<MlflowStub, 'url' | 'close'> = {
    runs: new Map(),
    requests: [],
    uploads: new Map(),
    fault: null,
  };
  let experiments = 0;
  const describeRun = (run: StubRun) => ({
    info: {
      run_id: run.id,
      artifact_uri: `mlflow-artifacts:/1/${run.id}/artifacts`,
      lifecycle_stage: run.stage,
    },
    data: { tags: [...run.tags].map(([key, value]) => ({ key, value })) },
  });
  const answer = (path: string, body: Record<string, unknown>, query: URLSearchParams): unknown => {
    const run = stub.runs.get(String(body.run_id ?? query.get('run_id')));
    switch (path) {
      case 'experiments/get-by-name':
        return experiments === 0 ? null : { experiment: { experiment_id: '1' } };
      case 'experiments/create':
        experiments++;
        return { experiment_id: '1' };
      case 'runs/create': {
        const created: StubRun = {
          id: `mlflow-${stub.runs.size + 1}`,
          tags: new Map((body.tags as Item[]).map(({ key, value }) => [key, value])),
          params: new Map(),
          metrics: new Map(),
          status: 'RUNNING',
          stage: 'active',
        };
        stub.runs.set(created.id, created);
        return { run: describeRun(created) };
      }
      case 'runs/search': {
        const [, id] = /= '(.*)'$/.exec(String(body.filter)) ?? [];
        const found = [...stub.runs.values()].filter(
          ({ tags, stage }) => stage === 'active' && tags.get('veracity.run_id') === id,
        );
        return { runs: found.map(describeRun) };
      }
      case 'runs/get':
        return run === undefined ? null : { run: describeRun(run) };
      case 'runs/log-batch':
        for (const { key, value } of (body.tags ?? []) as Item[]) run?.tags.set(key, value);
        for (const { key, value } of (body.params ?? []) as Item[]) run?.params.set(key, value);
        for (const metric of (body.metrics ?? []) as Metric[])
          run?.metrics.set(JSON.stringify(metric), metric);
        return {};
      case 'runs/update':
        if (run !== undefined) run.status = String(body.status);
        return {};
      case 'runs/delete-tag':
        run?.tags.delete(String(body.key));
        return {};
      case 'runs/delete':
        if (run !== undefined) run.stage = 'deleted';
        return {};
      default:
        return {};
    }
  };
  const handle = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://stub');
    const path = pathname.replace(/^\/api\/2\.0\/(mlflow\/)?/, '');
    const fault = stub.fault?.(path) ?? null;
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    if (fault !== null) {
      response.writeHead(fault.status).end(fault.body);
      return;
    }
    if (request.method === 'PUT') {
      stub.uploads.set(decodeURIComponent(path.replace('mlflow-artifacts/artifacts/', '')), text);
      response.writeHead(200).end('{}');
      return;
    }
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    stub.requests.push({ path, body, sizeBytes: Buffer.byteLength(text) });
    const found = answer(path, body, searchParams);
    if (found === null)
      response.writeHead(404).end(JSON.stringify({ error_code: 'RESOURCE_DOES_NOT_EXIST' }));
    else response.writeHead(200).end(JSON.stringify(found));
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(stub, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
