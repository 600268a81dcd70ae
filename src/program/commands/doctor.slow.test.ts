import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { doctorCommand, type Finding } from './doctor.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function examine(home: string): Promise<{ findings: Map<string, Finding>; exitCode: number }> {
  const context: WorkflowContext = createQuietContext(locateHome(home), folder);
  const result = await doctorCommand.run({ args: [], options: {} }, context);
  const { checks } = result.json as { checks: Finding[] };
  return {
    findings: new Map(checks.map((finding) => [finding.check, finding])),
    exitCode: result.exitCode ?? 0,
  };
}

it('finds this machine ready and leaves no trace in the folder', async () => {
  const { findings, exitCode } = await examine(join(folder, 'store'));
  expect(exitCode).toBe(0);
  expect(findings.get('onnxruntime-node')).toMatchObject({
    status: 'ok',
    found: expect.stringContaining(process.platform),
  });
  expect(findings.get('configuration')?.status).toBe('ok');
  expect(findings.get('devices')).toMatchObject({ status: 'ok', found: expect.stringMatching(/^cpu/) });
  expect(readdirSync(folder)).toEqual([]);
});

it('fails if the home cannot be a folder', async () => {
  writeFileSync(join(folder, 'file'), '');
  for (const home of [join(folder, 'file', 'store'), join(folder, 'file')]) {
    const { findings, exitCode } = await examine(home);
    expect(findings.get('home')).toMatchObject({
      status: 'fail',
      advice: expect.stringContaining('VERACITY_HOME'),
    });
    expect(exitCode).toBe(1);
  }
});

it.skipIf(process.getuid?.() === 0)('fails if the home may not be written', async () => {
  chmodSync(folder, 0o500);
  expect((await examine(join(folder, 'store'))).findings.get('home')?.status).toBe('fail');
  chmodSync(folder, 0o700);
});

it('reports a broken configuration in the working directory with file and line', async () => {
  mkdirSync(join(folder, 'configs', 'optimizer'), { recursive: true });
  writeFileSync(join(folder, 'configs', 'optimizer', 'adamw.yaml'), 'kind: adamw\nlr: fast\n');
  const { findings } = await examine(join(folder, 'store'));
  expect(findings.get('configuration')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('configs/optimizer/adamw.yaml:2'),
  });
});
