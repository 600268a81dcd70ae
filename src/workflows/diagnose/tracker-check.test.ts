import { expect, it } from 'vitest';
import { startMlflowStub } from '../../../test/exporters/mlflow-stub.ts';
import { checkTracker } from './tracker-check.ts';

it('finds an MLflow server that takes runs, and explains one that refuses the host name', async () => {
  const stub = await startMlflowStub();
  const check = () => checkTracker({ MLFLOW_TRACKING_URI: stub.url });
  expect(await check()).toEqual({ kind: 'tracker', status: 'ok', url: stub.url, problem: null });
  stub.fault = () => ({ status: 403, body: 'Invalid Host header' });
  expect(await check()).toMatchObject({
    status: 'warn',
    problem: { hint: expect.stringContaining('--allowed-hosts') },
  });
  await stub.close();
  expect(await check()).toMatchObject({
    status: 'warn',
    problem: { message: expect.stringContaining(`expected ${stub.url} to take the run`) },
  });
});

it('says nothing where no server is named', async () => {
  expect(await checkTracker({})).toBeNull();
  expect(await checkTracker({ MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' })).toBeNull();
});
